import {createUserRequest, type User} from '../../contract/users.ts';
import {pages} from '../client/pages.ts';
import {clean} from '../text/clean.ts';
import {date, moment} from '../text/time.ts';
import {originText} from '../people/origin.ts';
import {answerChange, answerItem, type Column, listing} from './answer.ts';
import {type Command, type Context, secretOption} from './command.ts';
import {answerExisting, existing, ifNotExistsOption} from './if-not-exists.ts';
import {checked, onlyArgument} from './flags.ts';
import {tellKeysLeft, withKeysLeft} from './keys-left.ts';
import {makingSecret} from './making-secret.ts';
import {personIn} from './person.ts';

const facts: readonly Column<User>[] = [
	['id', ({id}) => id],
	['email', ({email}) => email],
	['operator', ({operator}) => (operator ? 'yes' : 'no')],
	['status', ({disabled}) => (disabled ? 'disabled' : 'active')],
	['created', ({created_at}) => moment(created_at)],
	['origin', originText],
	['confirmed', ({confirmed}) => (confirmed ? 'yes' : 'no')],
];

export const commands: readonly Command[] = [
	listing({
		path: ['users', 'list'],
		summary: 'List everybody who has an account (operators)',
		options: {},
		columns: [
			...facts.slice(0, 4),
			['created', ({created_at}) => date(created_at)],
			['origin', (user) => `${originText(user)}${user.confirmed ? '' : ', not confirmed'}`],
		],
		id: ({id}) => id,
		none: 'No users.',
		pages: ({client}, most) => pages(client, 'listUsers', {}, most),
	}),
	{
		path: ['users', 'show'],
		arguments: 'ID|EMAIL',
		summary: 'Show one user (operators)',
		options: {},
		async run(context) {
			const user_id = await userId(context);
			const {body: user} = await context.client.call('getUser', {user_id});
			return answerItem(context, user, {facts, id: user.id});
		},
	},
	{
		path: ['users', 'create'],
		summary: 'Create a user; print the code that sets a password, once',
		changes: true,
		options: {
			email: {type: 'string', value: 'EMAIL', required: true, help: 'email of the user'},
			operator: {type: 'boolean', help: 'make an operator'},
			...ifNotExistsOption,
			...secretOption,
		},
		async run(context) {
			const {client, flags} = context;
			const given = {email: flags['email'], operator: flags['operator']};
			const body = checked(createUserRequest, given, 'latchkey users create --email EMAIL');
			const isIt = ({email}: User) => email.toLowerCase() === body.email.toLowerCase();
			const before = await existing(context, pages(client, 'listUsers', {}), isIt);
			if (before !== undefined) return answerExisting(context, before, body.email, 'The code');
			return makingSecret(context, async () => {
				const {body: made} = await client.call('createUser', {body});
				const said = `Created ${clean(made.email)} (${made.id}). This is the only time the code is shown:`;
				const otherwise = `The user is there: make another code with \`latchkey users reset-password ${made.id}\`.`;
				return {document: made, secret: 'code', id: made.id, said, otherwise};
			});
		},
	},
	change('disable', {disabled: true}, 'Disable a user, which ends their sessions', 'is disabled'),
	change('enable', {disabled: false}, 'Enable a user again', 'is enabled'),
	{
		path: ['users', 'promote'],
		arguments: 'ID|EMAIL',
		summary:
			'Make a user an operator (operators); one who was invited and is not confirmed loses the password, and the code for a new one is printed',
		changes: true,
		options: secretOption,
		async run(context) {
			const user_id = await userId(context);
			const promote = () => context.client.call('updateUser', {user_id, body: {operator: true}});
			const {body: before} = await context.client.call('getUser', {user_id});
			if (before.confirmed || before.operator) {
				const {body: user} = await promote();
				return answerChange(context, user, `${clean(user.email)} is an operator`);
			}
			return makingSecret(context, async () => {
				const {body: user} = await promote();
				const said = `${clean(user.email)} is an operator, and needs a new password. This is the only time the code for it is shown:`;
				const otherwise = `They are an operator: make another code with \`latchkey users reset-password ${user_id}\`.`;
				return {document: user, secret: 'code', id: user_id, said, otherwise};
			});
		},
	},
	change('demote', {operator: false}, 'Make an operator a user again', 'is not an operator'),
	{
		path: ['users', 'reset-password'],
		arguments: 'ID|EMAIL',
		summary: 'Print a code that sets a new password, good for a day',
		changes: true,
		options: secretOption,
		async run(context) {
			const user_id = await userId(context);
			return makingSecret(context, async () => {
				const {body} = await context.client.call('issuePasswordReset', {user_id});
				const said = `Good until ${moment(body.expires_at)}. This is the only time the code is shown:`;
				const otherwise = 'Make another, which ends this one.';
				return {document: body, secret: 'code', id: user_id, said, otherwise};
			});
		},
	},
];

function change(
	verb: string,
	body: {operator?: boolean; disabled?: boolean},
	summary: string,
	said: string,
): Command {
	return {
		path: ['users', verb],
		arguments: 'ID|EMAIL',
		summary: `${summary} (operators)`,
		changes: true,
		options: {},
		async run(context) {
			const user_id = await userId(context);
			const answer = await context.client.call('updateUser', {user_id, body});
			const {body: user} = answer;
			const document = withKeysLeft(user, answer);
			const status = answerChange(context, document, `${clean(user.email)} ${said}`);
			await tellKeysLeft(context, answer, {id: user_id, name: user.email});
			return status;
		},
	};
}

function userId(context: Context): Promise<string> {
	const wanted = onlyArgument(context, 'user');
	return personIn(wanted, pages(context.client, 'listUsers', {}), ({id}) => id);
}
