import type {KeyDetail} from '../../contract/keys.ts';
import {makersOf} from '../api-keys/makers.ts';
import {statusText} from '../api-keys/status-text.ts';
import {termFacts} from '../api-keys/terms.ts';
import {ago, moment} from '../text/time.ts';
import {answerItem, type Column} from './answer.ts';
import {type Command, organisationOption} from './command.ts';
import {onlyArgument} from './flags.ts';
import {organisationId} from './organisation.ts';

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
	arguments: 'ID',
	summary: 'Show one API key, never the key itself',
	options: organisationOption,
	async run(context) {
		const key_id = onlyArgument(context, 'key').toLowerCase();
		const org_id = await organisationId(context);
		const {body: key} = await context.client.call('getKey', {org_id, key_id});
		const carried = termFacts(key, context.now).map(([label, text]): Column<KeyDetail> => [
			label.toLowerCase(),
			() => text,
		]);
		return answerItem(context, key, {facts: [...facts, ...carried], id: key.id});
	},
};
