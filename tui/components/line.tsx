import {Text} from 'ink';
import {memo} from 'react';
import {isolated} from '../text/bidi.ts';
import {spelled} from '../text/ascii.ts';
import {type Role, type Style, type Theme, useTheme} from '../theme.ts';
import {painterOf} from './paint.ts';
import {truncate, width} from '../text/width.ts';

/** A piece of a line and what it means. */
export type Part = readonly [text: string, role?: Role | undefined];

type Properties = {
	parts: readonly Part[];
	/** Columns the line takes, exactly. */
	columns: number;
	/** Drawn at the right edge, and dropped first where there is no room. */
	right?: readonly Part[];
	/** Whether the cursor is on it: that is laid over the looks of its parts, which keep their colours. */
	isSelected?: boolean;
	/** What stands before all parts, outside of what marks the row under the cursor. */
	lead?: Part;
};

/** One row of the screen, cut or padded to its width, in one text node: cheaper than a box a cell. */
export const Line = memo(function Line(properties: Properties) {
	const {columns, right = [], isSelected = false} = properties;
	const {glyphs, styles} = useTheme();
	const ready = (parts: readonly Part[]) => (glyphs.isAscii ? parts.map(inAscii) : parts);
	const before = properties.lead === undefined ? [] : ready([properties.lead]);
	const taken = before.reduce((sum, [text]) => sum + width(text), 0);
	const composed = compose(ready(properties.parts), ready(right), columns - taken, glyphs.ellipsis);
	const lead = before.map(([text, role = 'plain']) => painterOf(styles[role])(text));
	const isolating = glyphs.isAscii ? (text: string) => text : isolated;
	const painted = alike(composed.map(([text, role]) => [isolating(text), role])).map(
		([text, role = 'plain']) =>
			painterOf(isSelected ? underCursor(styles, role) : styles[role])(text),
	);
	// One text, not one a part: of each Ink has a node, which it reads anew for every frame.
	return <Text wrap="truncate-end">{[...lead, ...painted].join('')}</Text>;
}, same);

/** Parts that look alike and follow each other, as one. */
function alike(parts: readonly Part[]): Part[] {
	const joined: Part[] = [];
	for (const [text, role = 'plain'] of parts) {
		const [before = '', last] = joined.at(-1) ?? [];
		if (last === role) joined[joined.length - 1] = [before + text, role];
		else joined.push([text, role]);
	}
	return joined;
}

/** The looks of a part in the row under the cursor: always the same object, by which its painter is known. */
function underCursor(styles: Theme['styles'], role: Role): Style {
	const looks = selected.get(styles) ?? new Map<Role, Style>();
	selected.set(styles, looks);
	const found = looks.get(role) ?? {...styles[role], ...styles.row};
	looks.set(role, found);
	return found;
}

const selected = new WeakMap<Theme['styles'], Map<Role, Style>>();

function inAscii([text, role]: Part): Part {
	return [spelled(text), role];
}

/** Parts cut to `columns`, the rest of the line filled with spaces. */
export function compose(
	parts: readonly Part[],
	right: readonly Part[],
	columns: number,
	ellipsis = '…',
): Part[] {
	const rightWidth = right.reduce((sum, [text]) => sum + width(text), 0);
	const keepsRight = rightWidth > 0 && rightWidth < columns - 8;
	let room = columns - (keepsRight ? rightWidth + 1 : 0);
	const composed: Part[] = [];
	for (const [text, role] of parts) {
		if (room <= 0) break;
		const cut = truncate(text, room, ellipsis);
		room -= width(cut);
		composed.push([cut, role]);
		if (cut !== text) break;
	}
	composed.push([' '.repeat(Math.max(0, room + (keepsRight ? 1 : 0)))]);
	if (keepsRight) composed.push(...right);
	return composed;
}

/** Rows are composed anew at every key; most of them come out the same and need no drawing. */
function same(before: Properties, after: Properties): boolean {
	return (
		before.columns === after.columns &&
		before.isSelected === after.isSelected &&
		sameParts(
			before.lead === undefined ? [] : [before.lead],
			after.lead === undefined ? [] : [after.lead],
		) &&
		sameParts(before.parts, after.parts) &&
		sameParts(before.right ?? [], after.right ?? [])
	);
}

function sameParts(before: readonly Part[], after: readonly Part[]): boolean {
	return (
		before.length === after.length &&
		before.every(([text, role], index) => {
			const [otherText, otherRole] = after[index] ?? [];
			return text === otherText && role === otherRole;
		})
	);
}
