import {Box} from 'ink';
import {Fragment} from 'react';
import {clean} from '../../text/clean.ts';
import {fit, width, wrap} from '../../text/width.ts';
import {Line} from '../line.tsx';
import {TextFieldView} from '../text-field/text-field.tsx';
import type {Form} from './state.ts';

type Properties = {form: Form; columns: number; busyText: string};

export function FormView({form, columns, busyText}: Properties) {
	const labelWidth = Math.max(...form.fields.map(({label}) => width(label))) + 3;
	const indent = ' '.repeat(labelWidth + 1);
	return (
		<Box flexDirection="column">
			{form.fields.map((field, index) => {
				const focused = index === form.focus && !form.busy;
				return (
					<Fragment key={field.name}>
						<TextFieldView
							label={[
								[focused ? '>' : ' ', 'key'],
								[fit(` ${field.label}`, labelWidth), focused ? 'strong' : 'dim'],
							]}
							field={field.text}
							columns={columns}
							focused={focused}
							secret={field.secret === true}
						/>
						{problemLines(field.problem, columns - indent.length - 1).map((line, row) => (
							<Line key={row} parts={[[indent], [line, 'warning']]} columns={columns} />
						))}
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

/** What is wrong with a field, under it; a line of space where nothing is. */
function problemLines(problem: string | undefined, columns: number): string[] {
	return problem === undefined ? [''] : wrap(`! ${clean(problem)}`, columns);
}
