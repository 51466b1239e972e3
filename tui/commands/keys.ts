import {errors} from '../../contract/errors.ts';
import {createKeyRequest, type FullKey, type Key} from '../../contract/keys.ts';
import {all, type Client, pages} from '../client.ts';
import {exitCodes, Failure} from '../failure.ts';
import {parseKeyFilter} from '../key-filter.ts';
import {defaultOrder, keyColumns, serverOrder, sortKeys} from '../key-order.ts';
import {clean} from '../text/clean.ts';
import {ago, date, moment} from '../text/time.ts';
import {answerItem, answerItems, type Column, makingSecret} from './answer.ts';
import {type Command, listOptions, organisationOption, secretOption} from './command.ts';
import {checked, numberFlag, onlyArgument, textFlag, timeFlag} from './flags.ts';
import {organisationId} from './organisation.ts';
import {revokeKeys} from './revoke-keys.ts';

const columns: readonly Column<Key>[] = [
	['id', ({id}) => id],
	['name', ({name}) => name],
	['status', ({revoked_at}) => (revoked_at === null ? 'active' : 'revoked')],
	['last used', ({last_used_at}, now) => ago(last_used_at, now)],
	['created', ({created_at}) => date(created_at)],
];

const facts: readonly Column<FullKey>[] = [
	...columns.slice(0, 2),
	['hint', ({hint}) => hint],
	['status', statusOf],
	['created', ({created_at}) => moment(created_at)],
	['last used', ({last_used_at}, now) => ago(last_used_at, now)],
	['expires', ({expires_at}) => (expires_at === null ? 'never' : moment(expires_at))],
];

const listKeys: Command = {
	path: ['keys', 'list'],
	summary: 'List API keys, revoked ones included',
	options: {
		...organisationOption,
		filter: {type: 'string', value: 'FILTER', help: 'words, status:active, used:never, used:>30d'},
		sort: {type: 'string', value: 'COLUMN', choices: keyColumns, help: 'instead of newest first'},
		full: {
			type: 'boolean',
			unasked: true,
			help: 'with hint and expires_at, which take --json or --jsonl',
		},
		...listOptions,
	},
	async run(context) {
		const {client, flags, now} = context;
		const filter = parseKeyFilter(textFlag(flags, 'filter') ?? '');
		if (filter.problem !== undefined) throw new Failure('usage', `--filter: ${filter.problem}`);
		const order = orderOf(textFlag(flags, 'sort'));
		const limit = numberFlag(flags, 'limit');
		const org_id = await organisationId(context);
		const query = flags['full'] === true ? ({view: 'full'} as const) : {};
		const everything = await all(client, 'listKeys', {org_id, query});
		const matching = everything.filter((key) => filter.test(key, now));
		answerItems(context, sortKeys(matching, order).slice(0, limit), {
			columns,
			id: ({id}) => id,
			none: 'No keys. Make one with `latchkey keys create --name NAME`.',
		});
		return exitCodes.done;
	},
};

function orderOf(column: string | undefined) {
	const known = keyColumns.find((candidate) => candidate === column);
	return known === undefined ? serverOrder : defaultOrder(known);
}

const showKey: Command = {
	path: ['keys', 'show'],
	arguments: 'ID',
	summary: 'Show one API key, never the key itself',
	options: organisationOption,
	async run(context) {
		const id = onlyArgument(context, 'key');
		const key = await findKey(context.client, await organisationId(context), id.toLowerCase());
		return answerItem(context, key, {facts, id: key.id});
	},
};

/** The API lists keys and has none alone. @throws {Failure} refused 404 */
async function findKey(client: Client, org_id: string, id: string): Promise<FullKey> {
	const query = {view: 'full'} as const;
	for await (const {body} of pages(client, 'listKeys', {org_id, query})) {
		const found = body.find((key) => key.id === id);
		if (found !== undefined) return found as FullKey;
	}
	throw new Failure('refused', errors.api_key_not_found.message, {
		status: 404,
		code: 'api_key_not_found',
	});
}

function statusOf({revoked_at, expires_at}: FullKey, now: number): string {
	if (revoked_at !== null) return `revoked ${moment(revoked_at)}`;
	return expires_at !== null && Date.parse(expires_at) <= now ? 'expired' : 'active';
}

const createKey: Command = {
	path: ['keys', 'create'],
	summary: 'Create an API key and print it, once',
	changes: true,
	options: {
		...organisationOption,
		name: {type: 'string', value: 'NAME', required: true, help: 'what the key is for'},
		expires: {
			type: 'string',
			value: 'TIME',
			help: 'when it stops working, as 90d or 2030-01-15T10:30:00Z',
		},
		...secretOption,
	},
	async run(context) {
		const given = {
			name: context.flags['name'],
			expires_at: timeFlag(context, 'expires', 'after now'),
		};
		const hint = 'latchkey keys create --name NAME [--expires 90d]';
		const body = checked(createKeyRequest, given, hint);
		const org_id = await organisationId(context);
		return makingSecret(context, async () => {
			const {body: key} = await context.client.call('createKey', {org_id, body});
			const said = `Created ${clean(key.name)} (${key.id}). This is the only time the key is shown:`;
			return {document: key, secret: 'key', id: key.id, said};
		});
	},
};

export const commands: readonly Command[] = [listKeys, showKey, createKey, revokeKeys];
