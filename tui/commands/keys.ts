import fs from 'node:fs';
import {createKeyRequest, type Key} from '../../contract/keys.ts';
import {all} from '../client.ts';
import {asFailure, exitCode, exitCodes, Failure} from '../failure.ts';
import {parseKeyFilter} from '../key-filter.ts';
import {defaultOrder, keyColumns, serverOrder, sortKeys} from '../key-order.ts';
import {confirmation, inUse} from '../key-use.ts';
import {clean} from '../text/clean.ts';
import {ago, date} from '../text/time.ts';
import {
	type Command,
	confirmOption,
	type Context,
	organisationOption,
	textFlag,
} from './command.ts';
import {organisationId} from './organisation.ts';
import {ask, readAll} from './terminal.ts';

export const listKeys: Command = {
	path: ['keys', 'list'],
	summary: 'List API keys, revoked ones included',
	options: {
		...organisationOption,
		filter: {type: 'string', value: 'FILTER', help: 'words, status:active, used:never, used:>30d'},
		sort: {type: 'string', value: 'COLUMN', help: keyColumns.join(', ')},
		limit: {type: 'string', value: 'N', help: 'at most this many'},
	},
	async run({client, flags, output, now}) {
		const filter = parseKeyFilter(textFlag(flags, 'filter') ?? '');
		if (filter.problem !== undefined) throw new Failure('usage', `--filter: ${filter.problem}`);
		const order = orderOf(textFlag(flags, 'sort'));
		const limit = limitOf(textFlag(flags, 'limit'));
		const org_id = await organisationId(client, textFlag(flags, 'org'));
		const everything = await all(client, 'listKeys', {org_id});
		const matching = everything.filter((key) => filter.test(key, now));
		const keys = sortKeys(matching, order).slice(0, limit);
		if (flags['json'] === true) output.json(keys);
		else if (flags['quiet'] === true) output.lines(keys.map(({id}) => id));
		else if (keys.length > 0) output.table(keyTitles, keyRows(keys, now));
		else output.say('No keys. Make one with `latchkey keys create --name NAME`.');
		return exitCodes.done;
	},
};

const keyTitles = ['ID', 'NAME', 'STATUS', 'LAST USED', 'CREATED'];

function keyRows(keys: readonly Key[], now: number): string[][] {
	return keys.map((key) => [
		key.id,
		key.name,
		key.revoked_at === null ? 'active' : 'revoked',
		ago(key.last_used_at, now),
		date(key.created_at),
	]);
}

function orderOf(column: string | undefined) {
	if (column === undefined) return serverOrder;
	const known = keyColumns.find((candidate) => candidate === column);
	if (known === undefined) throw new Failure('usage', `--sort is one of ${keyColumns.join(', ')}`);
	return defaultOrder(known);
}

function limitOf(text: string | undefined): number | undefined {
	if (text === undefined) return undefined;
	if (!/^[1-9]\d{0,8}$/.test(text)) throw new Failure('usage', '--limit must be a whole number');
	return Number(text);
}

export const createKey: Command = {
	path: ['keys', 'create'],
	summary: 'Create an API key and print it, once',
	changes: true,
	options: {
		...organisationOption,
		name: {type: 'string', value: 'NAME', help: 'what the key is for (required)'},
		expires: {
			type: 'string',
			value: 'TIME',
			help: 'when it stops working, as 2030-01-15T10:30:00Z',
		},
		out: {type: 'string', value: 'FILE', help: 'write the key to a new 0600 file, print its id'},
	},
	async run({client, flags, output}) {
		const expires_at = textFlag(flags, 'expires');
		const body = {
			name: textFlag(flags, 'name') ?? '',
			...(expires_at === undefined ? {} : {expires_at}),
		};
		const parsed = createKeyRequest.safeParse(body);
		if (!parsed.success) {
			const [issue] = parsed.error.issues;
			throw new Failure('usage', issue?.message ?? 'name is not valid', {
				field: String(issue?.path[0] ?? 'name'),
				hint: 'latchkey keys create --name NAME',
			});
		}
		const org_id = await organisationId(client, textFlag(flags, 'org'));
		// Opened first: a key that could not be written down would be lost.
		const file = openNew(textFlag(flags, 'out'));
		const {body: key} = await client.call('createKey', {org_id, body}).catch((error) => {
			file?.discard();
			throw error;
		});
		if (file !== undefined) {
			file.write(`${key.key}\n`);
			const {key: _, ...shown} = key;
			if (flags['json'] === true) output.json(shown);
			else output.lines([key.id]);
			return exitCodes.done;
		}
		if (flags['json'] === true) {
			output.json(key);
			return exitCodes.done;
		}
		output.say(`Created ${clean(key.name)} (${key.id}). This is the only time the key is shown:`);
		output.lines([key.key]);
		return exitCodes.done;
	},
};

/** A file that did not exist and only its owner can read. @throws {Failure} usage */
function openNew(file: string | undefined) {
	if (file === undefined) return undefined;
	let descriptor: number;
	try {
		descriptor = fs.openSync(file, 'wx', 0o600);
	} catch (error) {
		throw new Failure('usage', `--out: cannot make ${file}: ${(error as Error).message}`);
	}
	return {
		write(text: string) {
			fs.writeFileSync(descriptor, text);
			fs.closeSync(descriptor);
		},
		discard() {
			fs.closeSync(descriptor);
			fs.rmSync(file, {force: true});
		},
	};
}

export const revokeKeys: Command = {
	path: ['keys', 'revoke'],
	arguments: 'ID… | -',
	summary: 'Revoke API keys for good; `-` reads ids from stdin',
	changes: true,
	options: {...organisationOption, ...confirmOption},
	async run(context) {
		const {client, flags, output, terminal} = context;
		const ids = await idsOf(context);
		const confirmed = flags['yes'] === true;
		if (!confirmed && (terminal.stdin.isTTY !== true || terminal.stderr.isTTY !== true)) {
			throw new Failure('usage', 'Revoking cannot be undone, and there is no terminal to ask on', {
				hint: 'Add --yes to revoke without asking.',
			});
		}
		const org_id = await organisationId(client, textFlag(flags, 'org'));
		if (!confirmed && !(await confirmAll(context, org_id, ids))) {
			output.say('Nothing was revoked.');
			return exitCodes.usage;
		}
		const revoked: string[] = [];
		const failed: {id: string; failure: Failure}[] = [];
		for (const id of ids) {
			try {
				// One after the other: the first refusal of the session or the server stops the rest.
				// oxlint-disable-next-line no-await-in-loop
				await client.call('revokeKey', {org_id, key_id: id});
				revoked.push(id);
				if (flags['json'] !== true) output.say(`Revoked ${id}`);
			} catch (error) {
				const failure = asFailure(error);
				failed.push({id, failure});
				if (failure.kind !== 'refused') break;
			}
		}
		const [first] = failed;
		if (first !== undefined && ids.length === 1) throw first.failure;
		if (flags['json'] === true) {
			output.json({
				revoked,
				failed: failed.map(({id, failure}) => ({id, error: failure.message})),
			});
		}
		for (const {id, failure} of failed) output.say(`Not revoked ${clean(id)}: ${failure.message}`);
		if (first === undefined) return exitCodes.done;
		return revoked.length > 0 ? exitCodes.partly : exitCode(first.failure);
	},
};

async function idsOf({positionals, terminal}: Context): Promise<string[]> {
	const text = positionals[0] === '-' ? await readAll(terminal.stdin) : positionals.join('\n');
	const ids = [...new Set(text.split(/\s+/u).filter((id) => id !== ''))];
	if (ids.length === 0) {
		throw new Failure('usage', 'Which key?', {
			hint: 'latchkey keys revoke ID… (see `latchkey keys list`)',
		});
	}
	return ids;
}

/** Asks once a key, and for more than a `y` where somebody still uses it. */
async function confirmAll(
	{client, terminal, now}: Context,
	org_id: string,
	ids: readonly string[],
): Promise<boolean> {
	const keys = await all(client, 'listKeys', {org_id});
	for (const id of ids) {
		const key = keys.find((candidate) => candidate.id === id.toLowerCase());
		if (key === undefined || key.revoked_at !== null) continue;
		const used =
			key.last_used_at === null ? 'never used' : `last used ${ago(key.last_used_at, now)}`;
		const word = inUse(key, now) ? confirmation(key) : undefined;
		const question =
			word === undefined
				? `Revoke ${clean(key.name)} (${used})? This cannot be undone. [y/N] `
				: `${clean(key.name)} was ${used}; its callers will get 401 at once. Type ${word} to revoke it: `;
		// oxlint-disable-next-line no-await-in-loop
		const answer = await ask(terminal, question, {otherwise: 'Add --yes.'});
		if (word === undefined ? !/^y(?:es)?$/i.test(answer.trim()) : answer.trim() !== word)
			return false;
	}
	return true;
}
