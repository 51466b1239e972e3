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
};

export function TextFieldView({label, field, columns, focused, secret}: Properties) {
	const {glyphs} = useTheme();
	const shown: TextField =
		secret === true
			? {...field, value: glyphs.mask.repeat(graphemes(field.value).length)}
			: {...field, value: clean(field.value)};
	const room = columns - label.reduce((sum, [text]) => sum + width(text), 0) - 1;
	if (!focused) return <Line parts={[...label, [shown.value]]} columns={columns} />;
	const {before, at, after} = visiblePart(shown, Math.max(4, room), width);
	return <Line parts={[...label, [before], [at, 'cursor'], [after]]} columns={columns} />;
}
