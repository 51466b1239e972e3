import {Text} from 'ink';
import {memo} from 'react';
import {type Role, useTheme} from '../theme.ts';
import {truncate, width} from '../text/width.ts';

/** A piece of a line and what it means. */
export type Part = readonly [text: string, role?: Role | undefined];

type Properties = {
	parts: readonly Part[];
	/** Columns the line takes, exactly. */
	columns: number;
	/** Drawn at the right edge, and dropped first where there is no room. */
	right?: readonly Part[];
	/** One look for the whole line; roles of its parts are left out, because colours on inverse are unreadable. */
	role?: Role;
};

/** One row of the screen, cut or padded to its width, in one text node: cheaper than a box a cell. */
export const Line = memo(function Line({parts, columns, right = [], role}: Properties) {
	const {styles, glyphs} = useTheme();
	const composed = compose(parts, right, columns, glyphs.ellipsis);
	return (
		<Text wrap="truncate-end" {...(role === undefined ? {} : styles[role])}>
			{role === undefined
				? composed.map(([text, of = 'plain'], index) => (
						<Text key={index} {...styles[of]}>
							{text}
						</Text>
					))
				: composed.map(([text]) => text).join('')}
		</Text>
	);
}, same);

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
		before.role === after.role &&
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
