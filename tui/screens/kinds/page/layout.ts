/* How much of a text fits a screen. */

/** No wider than reads well. */
export function pageWidth(columns: number): number {
	return Math.min(columns - 2, 120);
}

/** Lines that fit: the last one of the screen says how many more there are. */
export function pageLayout(lines: number, rows: number): {room: number; lastOffset: number} {
	const room = Math.max(1, rows - 1);
	return {room, lastOffset: Math.max(0, lines - room)};
}
