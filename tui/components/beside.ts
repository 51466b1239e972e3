import {truncate, width} from '../text/width.ts';
import type {Part} from './line.tsx';

type Lines = readonly (readonly Part[])[];

/** Columns of two halves of a screen, and of what is between them. */
export type Halves = {readonly left: number; readonly gap: number; readonly right: number};

const gap = 4;
/** Wider lines are harder to read. */
const widest = 100;

/**
 * How a screen with room for it is halved; undefined where it is too narrow.
 *
 * @param columns that both have together
 * @param least that the left half and the right half need
 */
export function halvesOf(
	columns: number,
	least: {readonly left: number; readonly right: number},
): Halves | undefined {
	const room = columns - gap;
	if (room < least.left + least.right) return undefined;
	// What stands at the left says what it is about, in longer lines.
	const wanted = Math.round(room * 0.54);
	const left = Math.min(widest, Math.max(least.left, Math.min(wanted, room - least.right)));
	return {left, gap, right: Math.min(widest, room - left)};
}

/** Lines of two halves of a screen, as whole lines. */
export function sideBySide(left: Lines, right: Lines, halves: Halves): (readonly Part[])[] {
	return Array.from({length: Math.max(left.length, right.length)}, (_, row): readonly Part[] => {
		const [line = [], goesOn] = [left[row], right[row]];
		if (goesOn === undefined || goesOn.length === 0) return line;
		const [cut, free] = within(line, halves.left);
		return [...cut, [' '.repeat(free + halves.gap)], ...goesOn];
	});
}

/** What of a line fits, and how many columns are left. */
function within(line: readonly Part[], columns: number): [cut: readonly Part[], free: number] {
	let free = columns;
	const cut = line.map(([text, role]): Part => {
		const kept = truncate(text, free);
		free -= width(kept);
		return [kept, role];
	});
	return [cut, free];
}
