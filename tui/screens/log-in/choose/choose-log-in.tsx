import type {ChooseLogInScreen} from './screen.ts';
import {Line} from '../../../components/line.tsx';
import {Paragraphs} from '../../../components/paragraphs.tsx';
import {clean} from '../../../text/clean.ts';
import {useTheme} from '../../../theme.ts';
import type {ViewProperties} from '../../../app/screen-kind.ts';

export function ChooseLogInView({screen, model, columns}: ViewProperties<ChooseLogInScreen>) {
	const {glyphs} = useTheme();
	const {providers, choice, busy, reason, problem} = screen;
	const ways = [
		...providers.map((name) => `With ${clean(name)}`),
		'With email and password',
		'With a code that you were given',
	];
	return (
		<>
			<Paragraphs
				columns={columns}
				text={[
					'',
					[`Log in to ${model.url}`, 'strong'],
					...(reason === undefined ? [] : [[reason, 'warning'] as const]),
					'',
				]}
			/>
			{ways.map((way, index) => {
				const selected = index === choice;
				return (
					<Line
						key={way}
						lead={[`${selected ? glyphs.marker : ' '} `, 'key']}
						parts={[[way]]}
						columns={Math.min(columns, 70)}
						isSelected={selected}
					/>
				);
			})}
			<Paragraphs
				columns={columns}
				text={[
					'',
					busy ? ['Asking for a code …', 'dim'] : '',
					problem === undefined ? '' : [`! ${clean(problem)}`, 'bad'],
				]}
			/>
		</>
	);
}
