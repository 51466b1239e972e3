import type {Model} from '../model.ts';
import {type Palette, paletteMatches} from './matches.ts';
import {fit} from '../../text/width.ts';
import {useTheme} from '../../theme.ts';
import {Line, type Part} from '../../components/line.tsx';
import {TextFieldView} from '../../components/text-field/text-field.tsx';

type Properties = {palette: Palette; model: Model; columns: number; rows: number};

/** What is typed after `:`, and below it the matches. */
export function PaletteView({palette, model, columns, rows}: Properties) {
	const {glyphs} = useTheme();
	const matches = paletteMatches(model, palette);
	const room = rows - 2;
	const first = Math.max(0, Math.min(palette.choice - room + 1, matches.length - room));
	const nameWidth = Math.min(columns - 20, 56);
	return (
		<>
			<TextFieldView label={[[' : ', 'key']]} field={palette.text} columns={columns} focused />
			<Line parts={hint(palette, matches.length)} columns={columns} />
			{matches.slice(first, first + room).map(({id, name, note}, index) => {
				const selected = first + index === palette.choice;
				return (
					<Line
						key={id}
						lead={[`${selected ? glyphs.marker : ' '} `, 'key']}
						parts={[[`${fit(name, nameWidth, glyphs.ellipsis)} `], [note, 'dim']]}
						columns={columns}
						isSelected={selected}
					/>
				);
			})}
		</>
	);
}

function hint({text}: Palette, count: number): Part[] {
	if (count === 0) return [[' No match', 'dim']];
	if (text.value !== '') return [];
	return [[' Type any name, a screen with a filter (keys status:expired), or a key itself', 'dim']];
}
