import {clean} from '../../text/clean.ts';
import {graphemes, truncate, width} from '../../text/width.ts';
import {useTheme} from '../../theme.ts';
import {Line, type Part} from '../line.tsx';
import {type TextField, visiblePart} from './state.ts';

type Properties = {
	/** What stands before the text on the same line. */
	label: readonly Part[];
	field: TextField;
	columns: number;
	focused: boolean;
	/** Shown as dots, one a character. */
	secret?: boolean;
	/** Whether it shows where text can be typed, also where there is none. */
	hasExtent?: boolean;
	/** What stands behind `columns`, on a line that is as long as `lineColumns`. */
	beside?: readonly Part[];
	lineColumns?: number;
};

/** How far a field reaches; a longer text takes what room there is. */
export const extent = 64;

export function TextFieldView({
	label,
	field,
	columns,
	focused,
	secret,
	hasExtent = false,
	beside = [],
	lineColumns = columns,
}: Properties) {
	const {glyphs} = useTheme();
	const shown: TextField =
		secret === true
			? {...field, value: glyphs.mask.repeat(graphemes(field.value).length)}
			: {...field, value: clean(field.value)};
	const room = columns - widthOf(label) - 1;
	const role = hasExtent ? 'field' : 'plain';
	const free = (used: number): Part => [
		' '.repeat(hasExtent ? Math.max(0, Math.min(extent, room) - used) : 0),
		'extent',
	];
	const {before, at, after} = visiblePart(shown, Math.max(4, room), width);
	const typed: Part[] = focused
		? [[before, role], [at, 'cursor'], [after, role], free(width(before + at + after))]
		: [[truncate(shown.value, Math.max(4, room), glyphs.ellipsis), role], free(width(shown.value))];
	const parts = [...label, ...typed];
	const gap = beside.length === 0 ? 0 : Math.max(0, columns - widthOf(parts));
	return <Line parts={[...parts, [' '.repeat(gap)], ...beside]} columns={lineColumns} />;
}

function widthOf(parts: readonly Part[]): number {
	return parts.reduce((sum, [text]) => sum + width(text), 0);
}
