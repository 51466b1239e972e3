import type {ReactNode} from 'react';
import {keyLabel} from '../../keyboard/key-names.ts';
import {clean} from '../../text/clean.ts';
import {fit, wrap} from '../../text/width.ts';
import {Line, type Part} from '../line.tsx';
import {TextFieldView} from '../text-field/text-field.tsx';
import type {Form, FormField} from './shape.ts';

/** Lines that what a field means may take: a hundred networks need not be read back. */
const longestNote = 3;

type Shown = {
	columns: number;
	/** Columns before the marker of the focused field. */
	indent: number;
	labelWidth: number;
	focused: boolean;
	note: string | undefined;
};

/** A field, and below it what is wrong with it, or what it means. */
export function fieldLines(field: FormField, shown: Shown): ReactNode[] {
	const {columns, indent, labelWidth, focused} = shown;
	const label: Part[] = [
		[`${' '.repeat(indent)}${focused ? '>' : ' '}`, 'key'],
		[fit(` ${field.label}`, labelWidth), focused ? 'strong' : 'dim'],
	];
	return [
		field.options === undefined ? (
			<TextFieldView
				key="field"
				label={label}
				field={field.text}
				columns={columns}
				focused={focused}
				secret={field.secret === true}
				hasExtent
			/>
		) : (
			<Line
				key="field"
				parts={[...label, ...optionParts(field.options, field.text.value, focused)]}
				columns={columns}
			/>
		),
		...linesUnder(field, shown),
	];
}

/** Always one at least, so that fields do not move while they are judged. */
function linesUnder(field: FormField, {columns, indent, labelWidth, note = ''}: Shown) {
	const {problem, news, initial, text} = field;
	const margin = ' '.repeat(indent + labelWidth + 1);
	const room = columns - margin.length - 1;
	const judged: Part[] =
		problem === undefined
			? atMost(longestNote, wrap(note, room)).map((line): Part => [line, 'dim'])
			: wrap(`! ${clean(problem)}`, room).map((line): Part => [line, 'warning']);
	const told =
		news === undefined ? [] : wrap(clean(news), room).map((line): Part => [line, 'warning']);
	const was =
		initial === undefined || initial === text.value
			? []
			: atMost(longestNote, wrap(`was ${initial === '' ? 'empty' : clean(initial)}`, room)).map(
					(line): Part => [line, 'dim'],
				);
	return [...judged, ...was, ...told].map((part, row) => (
		<Line key={row} parts={[[margin], part]} columns={columns} />
	));
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
