/** Nearest rank; 0 where nothing was measured. @param sorted ascending */
export function percentile(sorted: ArrayLike<number>, share: number): number {
	return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

export function median(values: readonly number[]): number {
	const sorted = values.toSorted((a, b) => a - b);
	const middle = sorted.length / 2;
	const upper = sorted[Math.floor(middle)] ?? NaN;
	return Number.isInteger(middle) ? ((sorted[middle - 1] ?? NaN) + upper) / 2 : upper;
}

export function sum(values: readonly number[]): number {
	return values.reduce((total, value) => total + value, 0);
}

export function rounded(value: number, digits: number): number {
	return Number(value.toFixed(digits));
}

export type Spread = {count: number; p50Ms: number; p99Ms: number; maxMs: number};

export function spread(times: readonly number[]): Spread {
	const sorted = times.toSorted((a, b) => a - b);
	const at = (share: number) => rounded(percentile(sorted, share), 2);
	return {count: times.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1)};
}

/** A table that a person reads: the first column to the left, figures to the right. */
export function layOut(head: readonly string[], lines: readonly (readonly string[])[]): string {
	const widths = head.map((name, column) =>
		Math.max(name.length, ...lines.map((line) => line[column]?.length ?? 0)),
	);
	return [head, ...lines]
		.map((line) =>
			line
				.map((cell, column) =>
					column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
				)
				.join('  '),
		)
		.join('\n');
}
