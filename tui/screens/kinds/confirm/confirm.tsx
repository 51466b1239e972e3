import {Box} from 'ink';
import type {ReactNode} from 'react';
import type {ConfirmScreen} from './screen.ts';
import {Line, type Part} from '../../../components/line.tsx';
import {TextFieldView} from '../../../components/text-field/text-field.tsx';
import {keyLabel} from '../../../keyboard/key-names.ts';
import {clean} from '../../../text/clean.ts';
import {useTheme} from '../../../theme.ts';
import type {ViewProperties} from '../../../app/screen-kind.ts';
import {type ConfirmLayout, confirmLayout} from './layout.ts';
import type {Why} from './why.ts';

export function ConfirmView({screen, columns, rows}: ViewProperties<ConfirmScreen>) {
	const {glyphs, styles} = useTheme();
	const layout = confirmLayout(screen, columns, rows);
	const {left, outer, inner, isRoomy, question, problem, ask, buttons} = layout;
	const {word, why, busy, busyText} = screen;
	const isTyped = word !== undefined && why?.isNoting !== true;
	// What can be taken back does not look as what cannot.
	const {color} = word === undefined ? styles.warning : styles.bad;
	const line = (parts: readonly Part[], key: string) => (
		<Line key={key} parts={parts} columns={inner} />
	);
	return (
		<Box paddingLeft={left} paddingTop={isRoomy ? 1 : 0} flexDirection="column">
			<Box
				flexDirection="column"
				flexShrink={0}
				width={outer}
				borderStyle={glyphs.border}
				paddingX={1}
				{...(color === undefined ? {} : {borderColor: color})}
			>
				{question.map((text, index) => line([[text, 'strong']], `question ${index}`))}
				{isRoomy && line([], 'below the question')}
				{shownFacts(screen, layout).map((part, index) => line([part], `fact ${index}`))}
				{isRoomy && line([], 'below the facts')}
				{why !== undefined && whyLines(why, inner, busy)}
				{ask.map((parts, index) => line(parts, `ask ${index}`))}
				{isTyped && (
					<TextFieldView
						label={[['> ', 'key']]}
						field={screen.text}
						columns={inner}
						focused={!busy}
						hasExtent
					/>
				)}
				{buttons.map((parts, index) => line(parts, `button ${index}`))}
				{busy && line([[busyText, 'dim']], 'busy')}
				{problem.map((text, index) => line([[text, 'bad']], `problem ${index}`))}
			</Box>
		</Box>
	);
}

/** The facts from the line they were scrolled to, and how many more there are. */
function shownFacts({offset}: ConfirmScreen, {facts, room, lastOffset}: ConfirmLayout): Part[] {
	if (lastOffset === 0) return [...facts];
	const first = Math.min(offset, lastOffset);
	const above = first === 0 ? [] : [`${keyLabel('pageup')} ${first} above`];
	const below = lastOffset - first;
	const more = [...above, ...(below === 0 ? [] : [`${keyLabel('pagedown')} ${below} more`])];
	return [...facts.slice(first, first + room), [more.join('  '), 'key']];
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
	];
}
