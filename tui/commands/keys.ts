import type {FullKey, Key, KeyDetail} from '../../contract/keys.ts';
import {keyFilterTakes, parseKeyFilter} from '../api-keys/filter.ts';
import {makersOf} from '../api-keys/makers.ts';
import {keyColumns, sortKeys} from '../api-keys/order.ts';
import {stateOf} from '../api-keys/state.ts';
import {statusText} from '../api-keys/status-text.ts';
import {termFacts, termLabels, terms} from '../api-keys/terms.ts';
import {pages} from '../client/pages.ts';
import {exitCodes, Failure} from '../failure.ts';
import {ago, date, moment} from '../text/time.ts';
import {answerItem, answerItems, type Column} from './answer.ts';
import {type Command, listOptions, organisationOption} from './command.ts';
import {createKey} from './create-key.ts';
import {explainKey} from './explain-key.ts';
import {numberFlag, onlyArgument, textFlag} from './flags.ts';
import {keyClients} from './key-clients.ts';
import {keyHygiene} from './key-hygiene.ts';
import {keyLimits, keyQuota} from './key-quota.ts';
import {keyQuery, queryOptions} from './key-query.ts';
import {organisationId} from './organisation.ts';
import {cancelRotation, finishRotation, rotateKey} from './rotate-key.ts';
import {revokeKeys} from './revoke-keys.ts';
import {resumeKey, suspendKey} from './suspend-key.ts';
import {updateKey} from './update-key.ts';
import {verifyKey} from './verify-key.ts';

const columns: readonly Column<FullKey>[] = [
	['id', ({id}) => id],
	['name', ({name}) => name],
	['status', stateOf],
	['last used', ({last_used_at}, now) => ago(last_used_at, now)],
	['created', ({created_at}) => date(created_at)],
];

const facts: readonly Column<KeyDetail>[] = [
	...columns.slice(0, 2),
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

/** A key as the API lists it without `view=full`. */
function documented({id, name, created_at, last_used_at, revoked_at}: FullKey): Key {
	return {id, name, created_at, last_used_at, revoked_at};
}

const listKeys: Command = {
	path: ['keys', 'list'],
	summary: 'List API keys, revoked ones included',
	options: {
		...organisationOption,
		filter: {
			type: 'string',
			value: 'FILTER',
			help: keyFilterTakes,
		},
		...queryOptions,
		sort: {type: 'string', value: 'COLUMN', choices: keyColumns, help: 'instead of newest first'},
		full: {
			type: 'boolean',
			unasked: true,
			help: `with --json or --jsonl: also ${['hint', ...Object.keys(terms)].join(', ')}`,
		},
		...listOptions,
	},
	async run(context) {
		const {client, flags, now} = context;
		const filter = parseKeyFilter(textFlag(flags, 'filter') ?? '', now);
		if (filter.problem !== undefined) throw new Failure('usage', `--filter: ${filter.problem}`);
		const by = textFlag(flags, 'sort') ?? 'created';
		const limit = numberFlag(flags, 'limit') ?? Number.POSITIVE_INFINITY;
		const query = {view: 'full', ...keyQuery(context)} as const;
		const isAsked = Object.keys(query).length > 1;
		const org_id = await organisationId(context);
		const found: FullKey[] = [];
		let isNone = true;
		// Also without --full: a key's state is in its end.
		for await (const {body} of pages(client, 'listKeys', {org_id, query})) {
			isNone &&= body.length === 0;
			found.push(...(body as FullKey[]).filter(filter.test));
			if (by === 'created' && found.length >= limit) break;
		}
		const keys = sortKeys(found, by, now).slice(0, limit);
		const asData = flags['json'] === true || flags['jsonl'] === true;
		if (asData && flags['full'] !== true) {
			answerItems<Key>(context, keys.map(documented), {columns: [], id, none: ''});
			return exitCodes.done;
		}
		const isRestricted = keys.some((key) => termLabels(key, now) !== '');
		answerItems(context, keys, {
			columns: isRestricted ? [...columns, ['terms', termLabels]] : columns,
			id,
			none:
				isNone && !isAsked
					? 'No keys. Make one with `latchkey keys create --name NAME`.'
					: 'No key matches the filter.',
		});
		return exitCodes.done;
	},
};

function id(key: Key): string {
	return key.id;
}

const showKey: Command = {
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

export const commands: readonly Command[] = [
	listKeys,
	showKey,
	createKey,
	updateKey,
	suspendKey,
	resumeKey,
	rotateKey,
	finishRotation,
	cancelRotation,
	explainKey,
	verifyKey,
	keyClients,
	keyHygiene,
	keyLimits,
	keyQuota,
	revokeKeys,
];
