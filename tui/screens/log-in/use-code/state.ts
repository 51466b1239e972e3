import {acceptInvitationRequest} from '../../../../contract/invitations.ts';
import {codePrefixes, resetPasswordRequest} from '../../../../contract/people.ts';
import type {FormScreen} from '../../kinds/form/screen.ts';
import {type CodeKind, kindOfCode} from '../../../people/code.ts';
import {formOf} from '../../../components/form/state.ts';
import {top} from '../../../app/navigation.ts';
import {passwordSet} from './password-set.ts';
import type {FormSpec} from '../../kinds/form/spec.ts';
import {problemsOf} from '../../kinds/form/problems.ts';

export function newUseCodeScreen(): FormScreen {
	return {
		type: 'form',
		name: 'useCode',
		form: formOf([
			{name: 'code', label: 'Code'},
			{name: 'password', label: 'Password', secret: true},
			{name: 'again', label: 'Once more', secret: true},
		]),
	};
}

/** What is done with a code, and what the form says once it knows which it is. */
const meanings = {
	invitation: {
		effect: 'acceptInvitation',
		request: acceptInvitationRequest,
		code: 'an invitation',
		password: 'that of your account here; or a new one',
	},
	password: {
		effect: 'resetPassword',
		request: resetPasswordRequest,
		code: 'for a new password',
		password: 'the new one',
	},
} as const satisfies Record<CodeKind, object>;

function meaningOf({code = ''}: Readonly<Record<string, string>>) {
	const kind = kindOfCode(code.trim());
	return kind === undefined ? undefined : meanings[kind];
}

function parse({code = '', password}: Readonly<Record<string, string>>) {
	const request = meaningOf({code})?.request ?? acceptInvitationRequest;
	return request.safeParse({code: code.trim(), password});
}

export const useCodeForm: FormSpec = {
	title: 'code',
	heading: ({url}) => `Use a code at ${url}`,
	advice: `An invitation (${codePrefixes.invitation}…) makes you a member of an organisation: with the password of your account here, or, if you have none, with one for a new account. A code for a new password (${codePrefixes.password}…) sets it, and ends your sessions. A new password has 15 characters or more, of any kind. Each code works once.`,
	busyText: 'Using the code …',
	validate(values) {
		const problems = problemsOf(parse(values));
		if (values['code']?.trim() === '') problems['code'] = 'code is required';
		else if (meaningOf(values) === undefined) {
			problems['code'] =
				`code must begin with ${codePrefixes.invitation} (an invitation) or ${codePrefixes.password} (a new password)`;
		}
		if (values['again'] !== values['password']) {
			problems['again'] = 'the passwords do not match';
		}
		return problems;
	},
	notes(values): Record<string, string> {
		const meaning = meaningOf(values);
		return meaning === undefined ? {} : {code: meaning.code, password: meaning.password};
	},
	faultyField: (effect, {details: {code}}) =>
		// An invitation has the email: where the log-in is refused, it is the password.
		effect.do === 'acceptInvitation' && code === 'invalid_login' ? 'password' : undefined,
	onAnswer: (model, screen, event) =>
		event.type === 'passwordSet' && top(model) === screen ? [passwordSet(model)] : undefined,
	act(values) {
		const meaning = meaningOf(values);
		const {data: body} = parse(values);
		return meaning === undefined || body === undefined ? undefined : {do: meaning.effect, ...body};
	},
};
