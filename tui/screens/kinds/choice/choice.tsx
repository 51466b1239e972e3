import type {ChoiceScreen} from './screen.ts';
import {Line} from '../../../components/line.tsx';
import {linesOf, Paragraphs, type Text} from '../../../components/paragraphs.tsx';
import {clean} from '../../../text/clean.ts';
import {fit, width} from '../../../text/width.ts';
import {useTheme} from '../../../theme.ts';
import type {ViewProperties} from '../../../app/screen-kind.ts';

export function ChoiceView({screen, columns, rows}: ViewProperties<ChoiceScreen>) {
	const {glyphs} = useTheme();
	const {heading, options, choice, busy, problem} = screen;
	const labelWidth = Math.max(...options.map(({label}) => width(label))) + 2;
	const head: Text = ['', [heading, 'strong'], ''];
	const tail: Text = [
		...(busy ? [['One moment …', 'dim'] as const] : []),
		...(problem === undefined ? [] : [[`! ${clean(problem)}`, 'bad'] as const]),
	];
	const room = rows - linesOf(head, columns).length - linesOf(tail, columns).length - 1;
	// One line says how many more there are.
	const shown = options.length <= room ? options.length : Math.max(1, room - 1);
	const first = Math.max(0, Math.min(choice - Math.floor(shown / 2), options.length - shown));
	const above = first === 0 ? '' : `${first} more above  `;
	const below = options.length - first - shown;
	return (
		<>
			<Paragraphs columns={columns} text={head} />
			{options.slice(first, first + shown).map(({label, meaning, act}, index) => {
				const isSelected = first + index === choice;
				const now = act === undefined ? ' (now)' : '';
				return (
					<Line
						key={label}
						lead={[`${isSelected ? glyphs.marker : ' '} `, 'key']}
						parts={[[fit(label, labelWidth)], [`${meaning}${now}`, 'dim']]}
						columns={columns}
						isSelected={isSelected}
					/>
				);
			})}
			{shown < options.length && (
				<Line
					parts={[[`  ${above}${below === 0 ? '' : `${below} more below`}`, 'dim']]}
					columns={columns}
				/>
			)}
			<Paragraphs columns={columns} text={['', ...tail]} />
		</>
	);
}
