import type {TableCommand} from './table/state.ts';

/** The first of `count` lines that is shown after a key, where `rows` fit. */
export function scrolled(
	offset: number,
	count: number,
	rows: number,
	command: TableCommand,
): number {
	const lastOffset = Math.max(0, count - rows);
	const half = Math.ceil(rows / 2);
	const steps: Record<TableCommand, number> = {
		down: 1,
		up: -1,
		first: -offset,
		last: lastOffset,
		pageDown: rows,
		pageUp: -rows,
		halfDown: half,
		halfUp: -half,
	};
	return Math.max(0, Math.min(lastOffset, offset + steps[command]));
}
