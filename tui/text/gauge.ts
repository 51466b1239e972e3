/** How much of something is used, as a bar: `████▁▁▁▁`; some of it shows, and so does what is left. */
export function gauge(used: number, whole: number, columns: number, bars: string): string {
	const [low = ' '] = bars;
	const full = bars.at(-1) ?? low;
	const share = whole <= 0 ? 1 : Math.min(1, Math.max(0, used / whole));
	const rounded = Math.round(share * columns);
	const least = share > 0 ? 1 : 0;
	const most = share < 1 ? columns - 1 : columns;
	const filled = Math.min(most, Math.max(least, rounded));
	return full.repeat(filled) + low.repeat(columns - filled);
}

/** `62%`: `100%` only where nothing is left, `0%` only where nothing is used. */
export function percent(used: number, whole: number): string {
	if (whole <= 0 || used >= whole) return '100%';
	if (used <= 0) return '0%';
	const share = (used / whole) * 100;
	if (share < 1) return '<1%';
	return `${Math.min(99, Math.round(share))}%`;
}
