import type {ChoiceScreen} from './screen.ts';
import {Line} from '../../../components/line.tsx';
import {Paragraphs} from '../../../components/paragraphs.tsx';
import {clean} from '../../../text/clean.ts';
import {fit, width} from '../../../text/width.ts';
import {useTheme} from '../../../theme.ts';
import type {ViewProperties} from '../../../app/screen-kind.ts';

export function ChoiceView({screen, columns}: ViewProperties<ChoiceScreen>) {
	const {glyphs} = useTheme();
	const {heading, options, choice, busy, problem} = screen;
	const labelWidth = Math.max(...options.map(({label}) => width(label))) + 2;
	return (
		<>
			<Paragraphs columns={columns} text={['', [heading, 'strong'], '']} />
			{options.map(({label, meaning, act}, index) => {
				const selected = index === choice;
				const now = act === undefined ? ' (now)' : '';
				return (
					<Line
						key={label}
						lead={[`${selected ? glyphs.marker : ' '} `, 'key']}
						parts={[[fit(label, labelWidth)], [`${meaning}${now}`, 'dim']]}
						columns={columns}
						isSelected={selected}
					/>
				);
			})}
			<Paragraphs
				columns={columns}
				text={[
					'',
					busy ? ['One moment …', 'dim'] : '',
					problem === undefined ? '' : [`! ${clean(problem)}`, 'bad'],
				]}
			/>
		</>
	);
}
