import type {KeyClient} from '../../contract/usage.ts';
import {exitCodes} from '../failure.ts';
import {writeCount} from '../text/count.ts';
import {ago} from '../text/time.ts';
import {answerItems, type Column} from './answer.ts';
import {type Command, organisationOption} from './command.ts';
import {keyOf, keyPlace} from './key-id.ts';

const columns: readonly Column<KeyClient>[] = [
	['address', ({address}) => address ?? 'not told'],
	['program', ({user_agent: agent}) => agent ?? 'not told'],
	['count', ({count}) => writeCount(count)],
	['refused', ({refused}) => writeCount(refused)],
	['first seen', ({first_seen_at: at}, now) => ago(at, now)],
	['last seen', ({last_seen_at: at}, now) => ago(at, now)],
];

export const keyClients: Command = {
	path: ['keys', 'clients'],
	arguments: keyPlace,
	summary: 'List from where an API key was used, and by which programs, seen last first',
	options: organisationOption,
	async run(context) {
		const {org_id, key_id} = await keyOf(context);
		const {body} = await context.client.call('listKeyClients', {org_id, key_id});
		answerItems(context, body, {
			columns,
			id: ({address}) => address ?? '-',
			none: 'It was not used in the last 30 days, or nobody said from where.',
		});
		return exitCodes.done;
	},
};
