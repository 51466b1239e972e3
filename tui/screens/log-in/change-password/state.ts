import {changePasswordRequest} from '../../../../contract/people.ts';
import {changeOf} from '../../../app/effect.ts';
import type {FormScreen} from '../../kinds/form/screen.ts';
import {formOf} from '../../../components/form/state.ts';
import type {FormSpec} from '../../kinds/form/spec.ts';
import {problemsOf} from '../../kinds/form/problems.ts';

export function newChangePasswordScreen(): FormScreen {
	return {
		type: 'form',
		name: 'changePassword',
		form: formOf([
			{name: 'current_password', label: 'Password now', secret: true},
			{name: 'new_password', label: 'New password', secret: true},
			{name: 'again', label: 'Once more', secret: true},
		]),
	};
}

function parse({current_password, new_password}: Readonly<Record<string, string>>) {
	return changePasswordRequest.safeParse({current_password, new_password});
}

export const changePasswordForm: FormSpec = {
	title: 'change password',
	heading: ({me}) => `A new password for ${me?.email ?? ''}`,
	advice:
		'15 characters or more, of any kind; a few unrelated words work well. Your other sessions end.',
	busyText: 'Changing the password …',
	validate(values) {
		const problems = problemsOf(parse(values));
		if (values['current_password'] === '') {
			problems['current_password'] = 'current_password is required';
		}
		if (values['again'] !== values['new_password']) {
			problems['again'] = 'the passwords do not match';
		}
		return problems;
	},
	faultyField: (_effect, {details: {code}}) =>
		code === 'wrong_password' ? 'current_password' : undefined,
	act(values) {
		const {data: body} = parse(values);
		if (body === undefined) return undefined;
		return changeOf(
			'changePassword',
			{body},
			{done: 'Changed the password; your other sessions have ended', reload: 'sessions'},
		);
	},
};
