import type {FullKey, Key} from '../../contract/keys.ts';
import {keyFilterTakes, parseKeyFilter} from '../api-keys/filter.ts';
import {keyColumns, sortKeys} from '../api-keys/order.ts';
import {stateOf} from '../api-keys/state.ts';
import {termLabels, terms} from '../api-keys/terms.ts';
import {pages} from '../client/pages.ts';
import {exitCodes, Failure} from '../failure.ts';
import {ago, date, until} from '../text/time.ts';
import {answerItems, type Column} from './answer.ts';
import {type Command, listOptions, organisationOption} from './command.ts';
import {numberFlag, textFlag} from './flags.ts';
import {keyQuery, queryOptions} from './key-query.ts';
import {organisationId} from './organisation.ts';

const columns: readonly Column<FullKey>[] = [
	['id', ({id}) => id],
	['name', ({name}) => name],
	['hint', ({hint}) => hint],
	['status', stateOf],
	['expires', ({expires_at}, now) => (expires_at === null ? '-' : until(expires_at, now))],
	['last used', ({last_used_at}, now) => ago(last_used_at, now)],
	['created', ({created_at}) => date(created_at)],
];

/** A key as the API lists it without `view=full`. */
function documented({id, name, created_at, last_used_at, revoked_at}: FullKey): Key {
	return {id, name, created_at, last_used_at, revoked_at};
}

export const listKeys: Command = {
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
			help: `with --json or --jsonl: also ${['hint', ...Object.keys(terms), 'creator'].join(', ')}`,
		},
		...listOptions,
	},
	async run(context) {
		const {client, flags, now} = context;
		const wanted = textFlag(flags, 'filter') ?? '';
		const filter = parseKeyFilter(wanted, now);
		if (filter.problem !== undefined) throw new Failure('usage', `--filter: ${filter.problem}`);
		const by = textFlag(flags, 'sort') ?? 'created';
		const limit = numberFlag(flags, 'limit') ?? Number.POSITIVE_INFINITY;
		const query = {view: 'full', ...keyQuery(context)} as const;
		const isAsked = Object.keys(query).length > 1;
		const org_id = await organisationId(context);
		const found: FullKey[] = [];
		let isNone = true;
		// No more than are shown, where the server chooses and orders them.
		const most = wanted.trim() === '' && by === 'created' ? limit : undefined;
		// Also without --full: a key's state is in its end.
		for await (const {body} of pages(client, 'listKeys', {org_id, query}, most)) {
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
