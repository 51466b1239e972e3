import {clean} from '../../text/clean.ts';
import {graphemes, width} from '../../text/width.ts';
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
};

/** How far a field reaches; a longer text takes what room there is. */
const extent = 64;

export function TextFieldView({
	label,
	field,
	columns,
	focused,
	secret,
	hasExtent = false,
}: Properties) {
	const {glyphs} = useTheme();
	const shown: TextField =
		secret === true
			? {...field, value: glyphs.mask.repeat(graphemes(field.value).length)}
			: {...field, value: clean(field.value)};
	const room = columns - label.reduce((sum, [text]) => sum + width(text), 0) - 1;
	const role = hasExtent ? 'field' : 'plain';
	const free = (used: number): Part => [
		' '.repeat(hasExtent ? Math.max(0, Math.min(extent, room) - used) : 0),
		'extent',
	];
	if (!focused) {
		const parts = [...label, [shown.value, role] as const, free(width(shown.value))];
		return <Line parts={parts} columns={columns} />;
	}
	const {before, at, after} = visiblePart(shown, Math.max(4, room), width);
	return (
		<Line
			parts={[
				...label,
				[before, role],
				[at, 'cursor'],
				[after, role],
				free(width(before + at + after)),
			]}
			columns={columns}
		/>
	);
}
