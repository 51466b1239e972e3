/* The axis of counts at the left of a chart: where it ends, and what it says. */

/** Tops that are easy to halve: `14` stands for 14, 140, 1,400 … */
const mantissas = [10, 12, 14, 16, 20, 24, 30, 40, 50, 60, 80];

/** The least round number that is no less than `highest`; its half is a whole number, but that of 1. */
export function roundTop(highest: number): number {
	if (highest <= 1) return 1;
	for (let scale = 0.1; ; scale *= 10) {
		for (const mantissa of mantissas) {
			const top = Math.round(mantissa * scale);
			if (top >= highest && top % 2 === 0) return top;
		}
	}
}

/** What is said at the rows of a chart, the highest first: its top, its half where a row is there, 0. */
export function axisLabels(
	top: number,
	height: number,
	write: (count: number) => string,
): (string | undefined)[] {
	const labels = Array.from<string | undefined>({length: height + 1});
	labels[0] = write(top);
	labels[height] = write(0);
	if (height >= 4 && height % 2 === 0 && top % 2 === 0) labels[height / 2] = write(top / 2);
	return labels;
}
