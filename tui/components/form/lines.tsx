import type {ReactNode} from 'react';
import {keyLabel} from '../../keyboard/key-names.ts';
import {clean} from '../../text/clean.ts';
import {fit, width, wrap} from '../../text/width.ts';
import {Line, type Part} from '../line.tsx';
import {extent, TextFieldView} from '../text-field/text-field.tsx';
import type {Form, FormField} from './shape.ts';

/** Lines that what a field means may take: a hundred networks need not be read back. */
export const longestNote = 3;

type Shown = {
	columns: number;
	/** Columns before the marker of the focused field. */
	indent: number;
	labelWidth: number;
	focused: boolean;
	note: string | undefined;
	/** Lines that this may take. */
	noteLines: number;
};

/** From this width on what a field means stands beside it. */
const besideFrom = 112;
/** What of that its label and text may take. */
const fieldShare = 0.58;

export function hasNotesBeside(columns: number): boolean {
	return columns >= besideFrom;
}

/** A field with what is wrong with it, or what it means: beside it where there is room, or below. */
export function fieldLines(
	field: FormField,
	shown: Shown,
): {lines: ReactNode[]; isSaidBeside: boolean} {
	const {columns, indent, labelWidth, focused} = shown;
	const label: Part[] = [
		[`${' '.repeat(indent)}${focused ? '>' : ' '}`, 'key'],
		[fit(` ${field.label}`, labelWidth), focused ? 'strong' : 'dim'],
	];
	const begins = indent + 1 + labelWidth;
	const options = field.options && optionParts(field.options, field.text.value, focused);
	const widthOf = (parts: readonly Part[]) => parts.reduce((sum, [text]) => sum + width(text), 0);
	// As wide as it gets, so that nothing moves with the focus.
	const widest =
		field.options === undefined ? 0 : widthOf(optionParts(field.options, '', true)) + 1;
	const fieldColumns = Math.min(begins + extent + 1, Math.round(columns * fieldShare));
	const isSaidBeside = hasNotesBeside(columns) && begins + widest < fieldColumns;
	const said = isSaidBeside
		? saidOf(field, shown, columns - fieldColumns - 2)
		: saidOf(field, shown, columns - begins - 1);
	const [first, ...more] = isSaidBeside ? said : [undefined, ...said];
	const beside: Part[] = first === undefined ? [] : [['  '], first];
	const padding = ' '.repeat(isSaidBeside ? fieldColumns + 2 : begins);
	const line =
		options === undefined ? (
			<TextFieldView
				key="field"
				label={label}
				field={field.text}
				columns={isSaidBeside ? fieldColumns : columns}
				focused={focused}
				secret={field.secret === true}
				hasExtent
				beside={beside}
				lineColumns={columns}
			/>
		) : (
			<Line
				key="field"
				parts={[
					...label,
					...options,
					[' '.repeat(isSaidBeside ? Math.max(0, fieldColumns - begins - widthOf(options)) : 0)],
					...beside,
				]}
				columns={columns}
			/>
		);
	const below = more.map((part, row) => (
		<Line key={row} parts={[[padding], part ?? ['']]} columns={columns} />
	));
	return {lines: [line, ...below], isSaidBeside};
}

/** Always one at least, so that fields do not move while they are judged. */
function saidOf(
	{problem, news, initial, text}: FormField,
	{note = '', noteLines}: Shown,
	room: number,
): Part[] {
	const judged: Part[] =
		problem === undefined
			? atMost(noteLines, wrap(note, room)).map((line): Part => [line, 'dim'])
			: wrap(`! ${clean(problem)}`, room).map((line): Part => [line, 'warning']);
	const told =
		news === undefined ? [] : wrap(clean(news), room).map((line): Part => [line, 'warning']);
	const was =
		initial === undefined || initial === text.value
			? []
			: atMost(longestNote, wrap(`was ${initial === '' ? 'empty' : clean(initial)}`, room)).map(
					(line): Part => [line, 'dim'],
				);
	return [...judged, ...was, ...told];
}

function atMost(count: number, lines: readonly string[]): readonly string[] {
	if (lines.length <= count) return lines;
	return [...lines.slice(0, count - 1), `${lines[count - 1] ?? ''} …`];
}

/** That it was sent, or what there is against it. */
export function belowFields({busy, problem}: Form, columns: number, busyText: string): ReactNode[] {
	const waits = busy
		? [<Line key="busy" parts={[[` ${busyText}`, 'dim']]} columns={columns} />]
		: [];
	if (problem === undefined) return waits;
	const lines = wrap(clean(problem), columns - 4).map((line, index) => (
		<Line
			key={index}
			parts={[
				[index === 0 ? ' ! ' : '   ', 'bad'],
				[line, 'bad'],
			]}
			columns={columns}
		/>
	));
	return [...waits, ...lines];
}

/** All options, the chosen one marked: by brackets too, because there may be no colour. */
function optionParts(options: readonly string[], chosen: string, focused: boolean): Part[] {
	const parts = options.map((option): Part => {
		if (option !== chosen) return [`  ${option}  `, 'dim'];
		return [`[ ${option} ]`, focused ? 'selected' : 'plain'];
	});
	return focused ? [...parts, [`  ${keyLabel('left')} ${keyLabel('right')}`, 'key']] : parts;
}
