/** `1 table`, `3 tables`. */
export function counted(count: number, one: string, many = `${one}s`): string {
	return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

const units = [
	['s', 1],
	['min', 60],
	['h', 3600],
	['days', 86_400],
] as const;

/** How long something takes or has taken: `45 s`, `12 min`, `30 h`, `3 days`. */
export function duration(seconds: number): string {
	let told = `${Math.round(seconds * 10) / 10} s`;
	for (const [unit, length] of units) {
		if (seconds >= 2 * length && unit !== 's') told = `${Math.floor(seconds / length)} ${unit}`;
	}
	return seconds >= 10 && seconds < 120 ? `${Math.round(seconds)} s` : told;
}

/** `512 MB`, `1.5 GB`. */
export function bytes(count: number): string {
	if (count < 1e9) return `${Math.round(count / 2 ** 20)} MB`;
	return `${(count / 2 ** 30).toFixed(1)} GB`;
}

export function percent(part: number): string {
	return `${Math.round(part * 100)} %`;
}

/** `a, b and 3 more`. */
export function enumerated(names: readonly string[], most = 5): string {
	if (names.length <= most) return names.join(', ');
	return `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}
