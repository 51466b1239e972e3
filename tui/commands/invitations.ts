import {
	acceptInvitationRequest,
	createInvitationRequest,
	type Invitation,
} from '../../contract/invitations.ts';
import {roles} from '../../contract/people.ts';
import {pages} from '../client/pages.ts';
import {powerfulRoles} from '../people/roles.ts';
import {clean} from '../text/clean.ts';
import {moment} from '../text/time.ts';
import {listing, removal} from './answer.ts';
import {codeAndPassword, codeOptions} from './codes.ts';
import {type Command, organisationOption, secretOption} from './command.ts';
import {checked, onlyArgument} from './flags.ts';
import {makingSecret} from './making-secret.ts';
import {organisationId} from './organisation.ts';
import {findInvitationId, invitationPlace} from './resource-ids.ts';
import {beginSession, logInOptions, refuseGiven} from './session.ts';

export const commands: readonly Command[] = [
	listing<Invitation>({
		path: ['invitations', 'list'],
		summary: 'List invitations that can still be accepted',
		options: organisationOption,
		columns: [
			['id', ({id}) => id],
			['email', ({email}) => email],
			['role', ({role}) => role],
			['expires', ({expires_at}) => moment(expires_at)],
		],
		id: ({id}) => id,
		none: 'No open invitations.',
		async *pages(context, most) {
			const org_id = await organisationId(context);
			yield* pages(context.client, 'listInvitations', {org_id}, most);
		},
	}),
	{
		path: ['invitations', 'create'],
		summary: 'Invite somebody to become a member; print the code once',
		changes: true,
		options: {
			...organisationOption,
			email: {type: 'string', value: 'EMAIL', required: true, help: 'email to invite'},
			role: {
				type: 'string',
				value: 'ROLE',
				choices: roles,
				grave: powerfulRoles,
				required: true,
				help: 'role that they get',
			},
			...secretOption,
		},
		async run(context) {
			const {client, flags} = context;
			const given = {email: flags['email'], role: flags['role']};
			const hint = 'latchkey invitations create --email EMAIL --role ROLE';
			const body = checked(createInvitationRequest, given, hint);
			const org_id = await organisationId(context);
			return makingSecret(context, async () => {
				const {body: made} = await client.call('createInvitation', {org_id, body});
				const said = `${clean(made.email)} is invited until ${moment(made.expires_at)} (${made.id}). This is the only time the code is shown:`;
				return {
					document: made,
					secret: 'code',
					id: made.id,
					said,
					async undo() {
						await client.call('withdrawInvitation', {org_id, invitation_id: made.id});
						return 'the invitation was withdrawn';
					},
					otherwise: `Withdraw it: \`latchkey invitations withdraw ${made.id}\`.`,
				};
			});
		},
	},
	{
		path: ['invitations', 'accept'],
		summary: 'Become a member with a code that you were given, and log in',
		changes: true,
		logsIn: true,
		options: {...codeOptions, ...logInOptions},
		async run(context) {
			refuseGiven(context.settings);
			const given = await codeAndPassword(context, 'invitation');
			const body = checked(acceptInvitationRequest, given, 'latchkey invitations accept');
			const {body: pair} = await context.client.call('acceptInvitation', {body});
			return beginSession(context, pair);
		},
	},
	removal({
		path: ['invitations', 'withdraw'],
		arguments: invitationPlace,
		summary: 'Withdraw an invitation; its code stops working immediately',
		options: organisationOption,
		doing: 'Withdrawing an invitation',
		question: (context) => `Withdraw the invitation ${clean(onlyArgument(context, 'invitation'))}?`,
		async remove(context) {
			const {client} = context;
			const wanted = onlyArgument(context, 'invitation');
			const org_id = await organisationId(context);
			const invitation_id = await findInvitationId(client, org_id, wanted);
			const {body} = await client.call('withdrawInvitation', {org_id, invitation_id});
			return {document: body, said: `${body.message}.`};
		},
	}),
];
