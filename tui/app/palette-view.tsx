import type {Model} from './model.ts';
import {type Palette, paletteMatches} from './palette.ts';
import {fit} from '../text/width.ts';
import {useTheme} from '../theme.ts';
import {Line} from '../components/line.tsx';
import {TextFieldView} from '../components/text-field/text-field.tsx';

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
			<Line
				parts={matches.length === 0 ? [[' Nothing has that name.', 'dim']] : []}
				columns={columns}
			/>
			{matches.slice(first, first + room).map(({name, note}, index) => {
				const selected = first + index === palette.choice;
				return (
					<Line
						key={`${name} ${note}`}
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
