import type {LogInScreen} from '../../app/model.ts';
import {FormView} from '../../components/form/form.tsx';
import {Paragraphs} from '../../components/paragraphs.tsx';
import type {ViewProperties} from '../view.ts';

export function LogInView({screen, model, columns}: ViewProperties<LogInScreen>) {
	return (
		<>
			<Paragraphs
				columns={columns}
				text={[
					'',
					[`Log in to ${model.url}`, 'strong'],
					...(screen.reason === undefined ? [] : [[screen.reason, 'warning'] as const]),
					'',
				]}
			/>
			<FormView form={screen.form} columns={columns} busyText="Logging in …" />
		</>
	);
}
