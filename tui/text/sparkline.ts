/** One character a value, as high as it is beside the highest; only nothing at all is the lowest. */
export function sparkline(values: readonly number[], bars: string): string {
	const heights = bars.split('');
	const highest = Math.max(...values);
	return values
		.map((value) => {
			const step =
				value <= 0 ? 0 : Math.max(1, Math.round((value / highest) * (heights.length - 1)));
			return heights[step] ?? '';
		})
		.join('');
}

/** The same where nothing at all is nothing to see. */
export function sparseLine(values: readonly number[], bars: string): string {
	const drawn = sparkline(values, bars).split('');
	return drawn.map((bar, at) => ((values[at] ?? 0) > 0 ? bar : ' ')).join('');
}
