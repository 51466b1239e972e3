import type {LogInScreen} from './screen.ts';
import {FormView} from '../../../components/form/form.tsx';
import {linesOf, Paragraphs, type Text} from '../../../components/paragraphs.tsx';
import type {ViewProperties} from '../../../app/screen-kind.ts';

export function LogInView({screen, model, columns, rows}: ViewProperties<LogInScreen>) {
	const text: Text = [
		'',
		[`Log in to ${model.url}`, 'strong'],
		...(screen.reason === undefined ? [] : [[screen.reason, 'warning'] as const]),
		'',
	];
	return (
		<>
			<Paragraphs columns={columns} text={text} />
			<FormView
				form={screen.form}
				columns={columns}
				rows={rows - linesOf(text, columns).length}
				busyText="Logging in …"
			/>
		</>
	);
}
