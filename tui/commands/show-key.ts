import type {FullUsageBucket, KeyDetail} from '../../contract/keys.ts';
import {makersOf} from '../api-keys/makers.ts';
import {statusText} from '../api-keys/status-text.ts';
import {termFacts} from '../api-keys/terms.ts';
import {ago, moment} from '../text/time.ts';
import {countsInWords} from '../usage/counts-in-words.ts';
import {answerItem, type Column} from './answer.ts';
import {type Command, type Context, organisationOption} from './command.ts';
import {keyOf, keyPlace} from './key-id.ts';

const facts: readonly Column<KeyDetail>[] = [
	['id', ({id}) => id],
	['name', ({name}) => name],
	['hint', ({hint}) => hint],
	['status', (key, now) => statusText(key, now, key)],
	['created', (key) => moment(key.created_at) + makersOf(key).created],
	[
		'last used',
		({last_used_at, last_used_address: address, last_used_agent: agent}, now) =>
			ago(last_used_at, now) +
			(address === null ? '' : `, from ${address}`) +
			(agent === null ? '' : `, by ${agent}`),
	],
	['first used', ({first_used_at}, now) => ago(first_used_at, now)],
];

export const showKey: Command = {
	path: ['keys', 'show'],
	arguments: keyPlace,
	summary: 'Show one API key, never the key itself',
	options: organisationOption,
	async run(context) {
		const {org_id, key_id} = await keyOf(context);
		const {body: key} = await context.client.call('getKey', {org_id, key_id});
		return answerItem(context, key, {facts: await factsOfKey(context, org_id, key), id: key.id});
	},
};

/** All there is to know of a key; how often it was used is asked for where somebody reads it. */
export async function factsOfKey(
	{client, flags, now}: Context,
	org_id: string,
	key: KeyDetail,
): Promise<readonly Column<KeyDetail>[]> {
	const carried = termFacts(key, now).map(([label, text]) => fact(label.toLowerCase(), text));
	if (flags['json'] === true || flags['quiet'] === true) return [...facts, ...carried];
	const {id: key_id} = key;
	const query = {by: 'hour', view: 'full'} as const;
	const {body: hours} = await client.call('keyUsage', {org_id, key_id, query});
	const counts = countsInWords(hours as FullUsageBucket[]);
	return [...facts, fact('24 hours', counts), ...carried];
}

function fact(title: string, text: string): Column<KeyDetail> {
	return [title, () => text];
}
