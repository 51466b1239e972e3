import {minPasswordLength} from '../../../../contract/people.ts';
import type {SetUpScreen} from './screen.ts';
import {FormView} from '../../../components/form/form.tsx';
import {linesOf, Paragraphs, type Text} from '../../../components/paragraphs.tsx';
import type {ViewProperties} from '../../../app/screen-kind.ts';

export function SetUpView({screen, model, columns, rows}: ViewProperties<SetUpScreen>) {
	const token = screen.tokenFound
		? 'The setup token was found in the secrets folder.'
		: 'The setup token is in the file setup_token of the secrets folder of the server.';
	const text: Text = [
		'',
		[`Welcome. ${model.url} has no administrator yet: make the first one.`, 'strong'],
		[`${token} A password has at least ${minPasswordLength} characters, of any kind.`, 'dim'],
		'',
	];
	return (
		<>
			<Paragraphs columns={columns} text={text} />
			<FormView
				form={screen.form}
				columns={columns}
				rows={rows - linesOf(text, columns).length}
				busyText="Making the administrator …"
			/>
		</>
	);
}
