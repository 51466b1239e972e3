import {Box} from 'ink';
import type {ConfirmScreen} from '../../app/model.ts';
import {Line, type Part} from '../../components/line.tsx';
import {TextFieldView} from '../../components/text-field/text-field.tsx';
import {clean} from '../../text/clean.ts';
import {truncate, wrap} from '../../text/width.ts';
import {useTheme} from '../../theme.ts';
import type {ViewProperties} from '../view.ts';
import {armed} from './state.ts';

export function ConfirmView({screen, columns}: ViewProperties<ConfirmScreen>) {
	const {glyphs, styles} = useTheme();
	const {question, facts, verb, word, busy, busyText, problem} = screen;
	const outer = Math.min(columns - 2, 86);
	const inner = outer - 4;
	return (
		<Box paddingX={1} paddingTop={1} flexDirection="column">
			<Box
				flexDirection="column"
				width={outer}
				borderStyle={glyphs.border}
				paddingX={1}
				{...(styles.bad.color === undefined ? {} : {borderColor: styles.bad.color})}
			>
				<Line parts={[[truncate(question, inner, glyphs.ellipsis), 'strong']]} columns={inner} />
				{facts.flatMap(([text, tone], fact) =>
					wrap(text, inner).map((line, index) => (
						<Line key={`${fact}-${index}`} parts={[[line, tone]]} columns={inner} />
					)),
				)}
				<Line parts={[]} columns={inner} />
				{word === undefined ? (
					<Line
						parts={[[`${verb}? `], ['y', 'key'], [' / '], ['N', 'key'], ['  (enter is no)', 'dim']]}
						columns={inner}
					/>
				) : (
					<Typed screen={screen} word={word} columns={inner} />
				)}
				{busy && <Line parts={[[busyText, 'dim']]} columns={inner} />}
				{problem !== undefined &&
					wrap(`! ${clean(problem)}`, inner).map((line) => (
						<Line key={line} parts={[[line, 'bad']]} columns={inner} />
					))}
			</Box>
		</Box>
	);
}

function Typed({screen, word, columns}: {screen: ConfirmScreen; word: string; columns: number}) {
	const ready = armed(screen);
	const {verb, ask = 'To go on, type', wordIs} = screen;
	const what = wordIs === undefined ? word : `${word} (${wordIs})`;
	const button = (name: 'cancel' | 'confirm', text: string): Part =>
		screen.button === name
			? [`[ ${text} ]`, 'selected']
			: [`  ${text}  `, ready || name === 'cancel' ? 'plain' : 'dim'];
	return (
		<>
			<Line parts={[[`${ask} `], [what, 'strong']]} columns={columns} />
			<TextFieldView
				label={[['> ', 'key']]}
				field={screen.text}
				columns={columns}
				focused={!screen.busy}
			/>
			<Line parts={[]} columns={columns} />
			<Line
				parts={[]}
				right={[
					button('cancel', 'Cancel'),
					['   '],
					button('confirm', ready ? verb : `${verb} (type first)`),
				]}
				columns={columns}
			/>
		</>
	);
}
