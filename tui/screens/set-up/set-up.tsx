import {minPasswordLength} from '../../../contract/people.ts';
import type {SetUpScreen} from '../../app/model.ts';
import {FormView} from '../../components/form/form.tsx';
import {Paragraphs} from '../../components/paragraphs.tsx';
import type {ViewProperties} from '../view.ts';

export function SetUpView({screen, model, columns}: ViewProperties<SetUpScreen>) {
	const token = screen.tokenFound
		? 'The setup token was found in the secrets folder.'
		: 'The setup token is in the file setup_token of the secrets folder of the server.';
	return (
		<>
			<Paragraphs
				columns={columns}
				text={[
					'',
					[`Welcome. ${model.url} has no administrator yet: make the first one.`, 'strong'],
					[`${token} A password has at least ${minPasswordLength} characters, of any kind.`, 'dim'],
					'',
				]}
			/>
			<FormView form={screen.form} columns={columns} busyText="Making the administrator …" />
		</>
	);
}
