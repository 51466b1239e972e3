import {updateMemberRequest, type Member} from '../../contract/members.ts';
import {roles} from '../../contract/people.ts';
import {pages} from '../client/pages.ts';
import {powerfulRoles} from '../people/roles.ts';
import {clean} from '../text/clean.ts';
import {date} from '../text/time.ts';
import {answerChange, listing, removal} from './answer.ts';
import {type Command, type Context, organisationOption} from './command.ts';
import {checked, onlyArgument} from './flags.ts';
import {tellKeysLeft, withKeysLeft} from './keys-left.ts';
import {organisationId} from './organisation.ts';
import {personIn} from './person.ts';

export const commands: readonly Command[] = [
	listing<Member>({
		path: ['members', 'list'],
		summary: 'List the members of an organisation',
		options: organisationOption,
		columns: [
			['user', ({user_id}) => user_id],
			['email', ({email}) => email],
			['role', ({role}) => role],
			['since', ({created_at}) => date(created_at)],
		],
		id: ({user_id}) => user_id,
		none: 'No members.',
		async *pages(context, most) {
			const org_id = await organisationId(context);
			yield* pages(context.client, 'listMembers', {org_id}, most);
		},
	}),
	{
		path: ['members', 'change'],
		arguments: 'ID|EMAIL',
		summary: 'Give a member another role (to add one: invitations create)',
		changes: true,
		options: {
			...organisationOption,
			role: {
				type: 'string',
				value: 'ROLE',
				choices: roles,
				grave: powerfulRoles,
				required: true,
				help: 'the new role',
			},
		},
		async run(context) {
			const {client, flags} = context;
			const hint = 'latchkey members change ID|EMAIL --role ROLE';
			const body = checked(updateMemberRequest, {role: flags['role']}, hint);
			const org_id = await organisationId(context);
			const user_id = await memberId(context, org_id);
			const {body: member} = await client.call('updateMember', {org_id, user_id, body});
			const said = `${clean(member.email)} is ${clean(member.role)}`;
			return answerChange(context, {...member, id: member.user_id}, said);
		},
	},
	removal({
		path: ['members', 'remove'],
		arguments: 'ID|EMAIL',
		summary: 'Remove a member, or leave yourself',
		options: organisationOption,
		doing: 'Removing a member',
		question: (context) => `Remove ${clean(onlyArgument(context, 'member'))}?`,
		async remove(context) {
			const org_id = await organisationId(context);
			const user_id = await memberId(context, org_id);
			const answer = await context.client.call('removeMember', {org_id, user_id});
			const maker = {id: user_id, name: onlyArgument(context, 'member'), org_id};
			return {
				document: withKeysLeft(answer.body, answer),
				said: `${answer.body.message}.`,
				afterwards: () => tellKeysLeft(context, answer, maker),
			};
		},
	}),
];

function memberId(context: Context, org_id: string): Promise<string> {
	const wanted = onlyArgument(context, 'member');
	return personIn(wanted, pages(context.client, 'listMembers', {org_id}), ({user_id}) => user_id);
}
