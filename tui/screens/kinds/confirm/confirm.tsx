import {Box} from 'ink';
import type {ReactNode} from 'react';
import type {ConfirmScreen} from './screen.ts';
import {Line, type Part} from '../../../components/line.tsx';
import {TextFieldView} from '../../../components/text-field/text-field.tsx';
import {keyLabel} from '../../../keyboard/key-names.ts';
import {clean} from '../../../text/clean.ts';
import {truncate, wrap} from '../../../text/width.ts';
import {useTheme} from '../../../theme.ts';
import type {ViewProperties} from '../../../app/screen-kind.ts';
import {armed} from './screen.ts';
import type {Why} from './why.ts';

/** Lines that the frame and the space above it take. */
const frame = 3;

export function ConfirmView({screen, columns, rows}: ViewProperties<ConfirmScreen>) {
	const {glyphs, styles} = useTheme();
	const {question, busy, busyText, problem, why} = screen;
	const outer = Math.min(columns - 2, 86);
	const inner = outer - 4;
	const room = rows - frame;
	const asked = [
		...(why === undefined ? [] : whyLines(why, inner, busy)),
		...answerLines(screen, inner),
		...(busy ? [<Line key="busy" parts={[[busyText, 'dim']]} columns={inner} />] : []),
		...(problem === undefined ? [] : wrap(`! ${clean(problem)}`, inner)).map((line) => (
			<Line key={line} parts={[[line, 'bad']]} columns={inner} />
		)),
	];
	const facts = factLines(screen, inner, room - 1 - asked.length);
	const isRoomy = 2 + facts.length + asked.length <= room;
	return (
		<Box paddingX={1} paddingTop={1} flexDirection="column">
			<Box
				flexDirection="column"
				flexShrink={0}
				width={outer}
				borderStyle={glyphs.border}
				paddingX={1}
				{...(styles.bad.color === undefined ? {} : {borderColor: styles.bad.color})}
			>
				<Line parts={[[truncate(question, inner, glyphs.ellipsis), 'strong']]} columns={inner} />
				{facts.map((part, index) => (
					<Line key={index} parts={[part]} columns={inner} />
				))}
				{isRoomy && <Line parts={[]} columns={inner} />}
				{asked}
			</Box>
		</Box>
	);
}

/**
 * What it is about, in so many lines. Where there is no room for all of it, what is dim is the first
 * to go, and what is left out is told.
 */
function factLines({facts}: ConfirmScreen, columns: number, room: number): Part[] {
	const linesOf = (some: ConfirmScreen['facts']) =>
		some.flatMap(([text, tone]) => wrap(text, columns).map((line): Part => [line, tone]));
	const all = linesOf(facts);
	if (all.length <= room) return all;
	const most = linesOf(facts.filter(([text, tone]) => tone !== 'dim' && text !== ''));
	if (most.length <= room) return most;
	const kept = Math.max(0, room - 1);
	return [...most.slice(0, kept), [`… ${most.length - kept} more lines: a taller terminal`, 'dim']];
}

function whyLines({reasons, at, note, isNoting}: Why, columns: number, busy: boolean): ReactNode[] {
	const [reason, meaning] = reasons[at] ?? ['', ''];
	const keys = isNoting ? '' : ` ${keyLabel('left')} ${keyLabel('right')} `;
	const label: Part[] = [['Note    ', 'dim']];
	return [
		<Line
			key="reason"
			parts={[['Reason  ', 'dim'], [`[ ${reason} ]`], [keys, 'key'], [` ${meaning}`, 'dim']]}
			columns={columns}
		/>,
		isNoting && !busy ? (
			<TextFieldView key="note" label={label} field={note} columns={columns} focused hasExtent />
		) : (
			<Line
				key="note"
				parts={[
					...label,
					[clean(note.value)],
					[note.value === '' ? keyLabel('down') : '', 'key'],
					[note.value === '' ? ' to write one' : '', 'dim'],
				]}
				columns={columns}
			/>
		),
		<Line key="below" parts={[]} columns={columns} />,
	];
}

function answerLines(screen: ConfirmScreen, columns: number): ReactNode[] {
	const {verb, word, why} = screen;
	if (why?.isNoting === true) {
		return [
			<Line
				key="noting"
				parts={[
					['enter', 'key'],
					[' goes back to the question', 'dim'],
				]}
				columns={columns}
			/>,
		];
	}
	if (word !== undefined) return typedLines(screen, word, columns);
	return [
		<Line
			key="answer"
			parts={[[`${verb}? `], ['y', 'key'], [' / '], ['N', 'key'], ['  (enter is no)', 'dim']]}
			columns={columns}
		/>,
	];
}

function typedLines(screen: ConfirmScreen, word: string, columns: number): ReactNode[] {
	const ready = armed(screen);
	const {verb, ask = 'To go on, type', wordIs} = screen;
	const what = wordIs === undefined ? word : `${word} (${wordIs})`;
	const button = (name: 'cancel' | 'confirm', text: string): Part =>
		screen.button === name
			? [`[ ${text} ]`, 'selected']
			: [`  ${text}  `, ready || name === 'cancel' ? 'plain' : 'dim'];
	return [
		<Line key="ask" parts={[[`${ask} `], [what, 'strong']]} columns={columns} />,
		<TextFieldView
			key="word"
			label={[['> ', 'key']]}
			field={screen.text}
			columns={columns}
			focused={!screen.busy}
			hasExtent
		/>,
		<Line
			key="buttons"
			parts={[]}
			right={[
				button('cancel', 'Cancel'),
				['   '],
				button('confirm', ready ? verb : `${verb} (type first)`),
			]}
			columns={columns}
		/>,
	];
}
