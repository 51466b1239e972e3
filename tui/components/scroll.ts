import type {TableCommand} from './table/state.ts';

/** The first line shown of text that has `room` lines on the screen, after a move. */
export function scrolled(
	offset: number,
	command: TableCommand,
	{room, lastOffset}: {room: number; lastOffset: number},
): number {
	const steps: Record<TableCommand, number> = {
		down: 1,
		up: -1,
		first: -offset,
		last: lastOffset,
		pageDown: room,
		pageUp: -room,
		halfDown: Math.ceil(room / 2),
		halfUp: -Math.ceil(room / 2),
	};
	return Math.max(0, Math.min(lastOffset, offset + steps[command]));
}
