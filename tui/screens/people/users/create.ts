import {createUserRequest} from '../../../../contract/users.ts';
import {changeOf} from '../../../app/effect.ts';
import type {FormScreen} from '../../kinds/form/screen.ts';
import {formOf} from '../../../components/form/state.ts';
import {fieldOf} from '../../../components/text-field/state.ts';
import {clean} from '../../../text/clean.ts';
import type {FormSpec} from '../../kinds/form/spec.ts';
import {problemsOf} from '../../kinds/form/problems.ts';
import {passwordCodeAdvice} from './password-code.ts';

export function newCreateUserScreen(): FormScreen {
	return {
		type: 'form',
		name: 'createUser',
		form: formOf([
			{name: 'email', label: 'Email'},
			{name: 'operator', label: 'Operator', options: ['no', 'yes'], value: fieldOf('no')},
		]),
	};
}

function parse({email = '', operator}: Readonly<Record<string, string>>) {
	return createUserRequest.safeParse({email: email.trim(), operator: operator === 'yes'});
}

export const createUserForm: FormSpec = {
	title: 'new user',
	heading: () => 'A new user',
	advice:
		'They set a password with a code that is shown once, in the next step. To let somebody into an organisation, invite them there instead: that also creates their account.',
	busyText: 'Creating the user …',
	validate: (values) => problemsOf(parse(values)),
	notes: ({operator}) => ({
		operator:
			operator === 'yes' ? 'everything, in every organisation' : 'a member of none, until invited',
	}),
	act(values, {url}) {
		const {data: body} = parse(values);
		if (body === undefined) return undefined;
		const email = clean(body.email);
		return changeOf(
			'createUser',
			{body},
			{
				done: `Created ${email}`,
				reload: 'users',
				reveal: {member: 'code', what: `code for ${email}`, advice: passwordCodeAdvice(url)},
			},
		);
	},
};
