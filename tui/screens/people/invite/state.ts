import {createInvitationRequest} from '../../../../contract/invitations.ts';
import {type Role, roles} from '../../../../contract/people.ts';
import {changeOf} from '../../../app/effect.ts';
import type {FormScreen} from '../../kinds/form/screen.ts';
import {may} from '../../../app/navigation.ts';
import type {Model} from '../../../app/model.ts';
import {formOf} from '../../../components/form/state.ts';
import {fieldOf} from '../../../components/text-field/state.ts';
import {clean} from '../../../text/clean.ts';
import type {FormSpec} from '../../kinds/form/spec.ts';
import {problemsOf} from '../../kinds/form/problems.ts';
import {roleMeanings} from '../../../people/roles.ts';
import {useCodeKey} from '../../log-in/use-code/key.ts';

export function newInviteScreen(model: Model): FormScreen {
	const options = roles.filter((role) => role !== 'owner' || may(model, 'owners:manage'));
	return {
		type: 'form',
		name: 'invite',
		form: formOf([
			{name: 'email', label: 'Email'},
			{name: 'role', label: 'Role', options, value: fieldOf('developer')},
		]),
	};
}

function parse({email = '', role}: Readonly<Record<string, string>>) {
	return createInvitationRequest.safeParse({email: email.trim(), role});
}

export const inviteForm: FormSpec = {
	title: 'invite',
	heading: ({organisation}) => `Invite somebody to ${clean(organisation?.name ?? '')}`,
	advice: 'They join with a code that is shown once, in the next step. No email is sent.',
	busyText: 'Making the invitation …',
	validate: (values) => problemsOf(parse(values)),
	notes: ({role}) => ({role: roleMeanings[role as Role] ?? ''}),
	act(values, {organisation, url}) {
		const {data: body} = parse(values);
		if (body === undefined || organisation === undefined) return undefined;
		const email = clean(body.email);
		return changeOf(
			'createInvitation',
			{org_id: organisation.id, body},
			{
				done: `Invited ${email}`,
				reload: 'invitations',
				reveal: {
					member: 'code',
					what: `code for ${email}`,
					advice: `Hand it over: it is valid for seven days. They sign in with it and either their own password or a new one of 15 characters or more: in the console, press ${useCodeKey} at the log-in, or run latchkey invitations accept --url ${url}.`,
				},
			},
		);
	},
};
