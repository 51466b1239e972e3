import type {Model} from '../../../app/model.ts';
import {halvesOf, sideBySide} from '../../../components/beside.ts';
import type {Part} from '../../../components/line.tsx';
import type {PageScreen, PageText} from './spec.ts';

/* How a text is laid out on a screen, and how much of it fits. */

/** No wider than reads well. */
const widest = 120;
/** What the halves of a wide screen need. */
const least = {left: 66, right: 74};

/** All lines of a page: in two halves where it has such, and the screen has room for them. */
export function pageLines<S extends PageScreen>(
	{lines, halves: halved}: PageText<S>,
	screen: S,
	model: Model,
	columns: number,
): readonly (readonly Part[])[] {
	const halves = halvesOf(columns - 2, least);
	const both = halves === undefined ? undefined : halved?.(screen, model, halves);
	if (halves === undefined || both === undefined) {
		return lines(screen, model, Math.min(columns - 2, widest));
	}
	return sideBySide(...both, halves);
}

/** Lines that fit: the last one of the screen says how many more there are. */
export function pageLayout(lines: number, rows: number): {room: number; lastOffset: number} {
	const room = Math.max(1, rows - 1);
	return {room, lastOffset: Math.max(0, lines - room)};
}
