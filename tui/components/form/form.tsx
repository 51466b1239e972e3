import {Box} from 'ink';
import {Fragment} from 'react';
import {keyLabel} from '../../keymap.ts';
import {clean} from '../../text/clean.ts';
import {fit, width, wrap} from '../../text/width.ts';
import {Line, type Part} from '../line.tsx';
import {TextFieldView} from '../text-field/text-field.tsx';
import type {Form} from './state.ts';

type Properties = {
	form: Form;
	columns: number;
	busyText: string;
	/** What a field's text means, by its name; shown while nothing is wrong with it. */
	notes?: Readonly<Record<string, string>>;
};

export function FormView({form, columns, busyText, notes = {}}: Properties) {
	const labelWidth = Math.max(...form.fields.map(({label}) => width(label))) + 3;
	const indent = ' '.repeat(labelWidth + 1);
	return (
		<Box flexDirection="column">
			{form.fields.map((field, index) => {
				const focused = index === form.focus && !form.busy;
				const label: Part[] = [
					[focused ? '>' : ' ', 'key'],
					[fit(` ${field.label}`, labelWidth), focused ? 'strong' : 'dim'],
				];
				const note = notes[field.name];
				const under: Part[] = note === undefined ? [] : [[indent], [note, 'dim']];
				return (
					<Fragment key={field.name}>
						{field.options === undefined ? (
							<TextFieldView
								label={label}
								field={field.text}
								columns={columns}
								focused={focused}
								secret={field.secret === true}
							/>
						) : (
							<Line
								parts={[...label, ...optionParts(field.options, field.text.value, focused)]}
								columns={columns}
							/>
						)}
						{field.problem === undefined ? (
							<Line parts={under} columns={columns} />
						) : (
							wrap(`! ${clean(field.problem)}`, columns - indent.length - 1).map((line, row) => (
								<Line key={row} parts={[[indent], [line, 'warning']]} columns={columns} />
							))
						)}
					</Fragment>
				);
			})}
			{form.busy && <Line parts={[[` ${busyText}`, 'dim']]} columns={columns} />}
			{form.problem !== undefined &&
				wrap(clean(form.problem), columns - 4).map((line, index) => (
					<Line
						key={index}
						parts={[
							[index === 0 ? ' ! ' : '   ', 'bad'],
							[line, 'bad'],
						]}
						columns={columns}
					/>
				))}
		</Box>
	);
}

/** All options, the chosen one marked: by brackets too, because there may be no colour. */
function optionParts(options: readonly string[], chosen: string, focused: boolean): Part[] {
	const parts = options.map((option): Part => {
		if (option !== chosen) return [`  ${option}  `, 'dim'];
		return [`[ ${option} ]`, focused ? 'selected' : 'plain'];
	});
	return focused ? [...parts, [`  ${keyLabel('left')} ${keyLabel('right')}`, 'key']] : parts;
}
