import type {Session} from '../../contract/sessions.ts';
import {pages} from '../client/pages.ts';
import {Failure} from '../failure.ts';
import {ago, moment} from '../text/time.ts';
import {answerDone, listing} from './answer.ts';
import type {Command, Context} from './command.ts';
import {onlyArgument, textFlag} from './flags.ts';
import {personIn} from './person.ts';

const userOption = {
	user: {type: 'string', value: 'ID|EMAIL', help: 'of this user, not your own (operators)'},
} as const;

export const commands: readonly Command[] = [
	listing<Session>({
		path: ['sessions', 'list'],
		summary: 'List open sessions, your own ones unless --user is given',
		options: userOption,
		columns: [
			['id', ({id}) => id],
			['last used', ({last_used_at}, now) => ago(last_used_at, now)],
			['expires', ({expires_at}) => moment(expires_at)],
			['address', ({address}) => address ?? '-'],
			['program', ({user_agent}) => user_agent ?? '-'],
			['', ({current}) => (current ? 'this one' : '')],
		],
		id: ({id}) => id,
		none: 'No open sessions.',
		async *pages(context, most) {
			const {client} = context;
			const user_id = await userId(context);
			yield* user_id === undefined
				? pages(client, 'listSessions', {}, most)
				: pages(client, 'listUserSessions', {user_id}, most);
		},
	}),
	{
		path: ['sessions', 'end'],
		arguments: '[ID]',
		summary: 'End a session, or all of them; its tokens stop working immediately',
		changes: true,
		options: {...userOption, all: {type: 'boolean', help: 'every one, this one too'}},
		async run(context) {
			const {flags, positionals} = context;
			if (flags['all'] !== true) return endOne(context, onlyArgument(context, 'session'));
			if (positionals.length === 0) return endAll(context);
			throw new Failure('usage', 'Either a session or --all');
		},
	},
];

async function endOne(context: Context, session_id: string): Promise<number> {
	const {client} = context;
	const user_id = await userId(context);
	const {body} =
		user_id === undefined
			? await client.call('endSession', {session_id})
			: await client.call('endUserSession', {user_id, session_id});
	return answerDone(context, body, `${body.message}.`);
}

async function endAll(context: Context): Promise<number> {
	const {client} = context;
	const user_id = await userId(context);
	const {body} =
		user_id === undefined
			? await client.call('endSessions', {})
			: await client.call('endUserSessions', {user_id});
	return answerDone(context, body, `Ended ${body.count}.`);
}

async function userId({client, flags}: Context): Promise<string | undefined> {
	const wanted = textFlag(flags, 'user');
	if (wanted === undefined) return undefined;
	return personIn(wanted, pages(client, 'listUsers', {}), ({id}) => id);
}
