import type {Key} from '../../contract/keys.ts';
import {errors} from '../../contract/errors.ts';
import {all} from '../client.ts';
import {asFailure, exitCode, exitCodes, Failure} from '../failure.ts';
import {confirmation, inUse} from '../key-use.ts';
import {clean} from '../text/clean.ts';
import {ago} from '../text/time.ts';
import {type Command, confirmOption, type Context, organisationOption} from './command.ts';
import {agrees, confirmedByFlag} from './confirm.ts';
import {organisationId} from './organisation.ts';
import {ask, readAll} from './terminal.ts';

export const revokeKeys: Command = {
	path: ['keys', 'revoke'],
	arguments: 'ID… | -',
	summary: 'Revoke API keys for good; `-` reads ids from stdin',
	changes: true,
	options: {
		...organisationOption,
		'dry-run': {type: 'boolean', help: 'only say what would be revoked, and who uses it'},
		...confirmOption,
	},
	async run(context) {
		const {flags, output} = context;
		const ids = await idsOf(context);
		if (flags['dry-run'] === true) return tell(context, ids);
		const isConfirmed = confirmedByFlag(context, 'Revoking');
		const org_id = await organisationId(context);
		if (!isConfirmed && !(await confirmAll(context, org_id, ids))) {
			output.say('Nothing was revoked.');
			return exitCodes.usage;
		}
		return revokeAll(context, org_id, ids);
	},
};

type Outcome = {done: string[]; failed: {id: string; failure: Failure}[]; asked: number};

async function revokeAll(
	context: Context,
	org_id: string,
	ids: readonly string[],
): Promise<number> {
	const {client, flags, output} = context;
	const {done, failed}: Omit<Outcome, 'asked'> = {done: [], failed: []};
	for (const id of ids) {
		try {
			// One after the other: the first refusal of the session or the server stops the rest.
			// oxlint-disable-next-line no-await-in-loop
			await client.call('revokeKey', {org_id, key_id: id});
			done.push(id);
			if (flags['json'] !== true) output.say(`Revoked ${id}`);
		} catch (error) {
			const failure = asFailure(error);
			failed.push({id, failure});
			if (failure.kind !== 'refused') break;
		}
	}
	return answerOutcome(context, 'revoked', {done, failed, asked: ids.length});
}

/** What revoking would do, as far as a look can tell. */
async function tell(context: Context, ids: readonly string[]): Promise<number> {
	const {flags, output, now} = context;
	const org_id = await organisationId(context);
	const keys = await keysById(context, org_id);
	const {done, failed}: Omit<Outcome, 'asked'> = {done: [], failed: []};
	for (const id of ids) {
		const key = keys.get(id.toLowerCase());
		if (key === undefined || key.revoked_at !== null) {
			const details = {status: 404, code: 'api_key_not_found'};
			const failure = new Failure('refused', errors.api_key_not_found.message, details);
			failed.push({id, failure});
		} else {
			done.push(id);
			const isUsed = inUse(key, now) ? ', so somebody probably relies on it' : '';
			const said = `Would revoke ${id} ${clean(key.name)} (${lastUse(key, now)}${isUsed})`;
			if (flags['json'] !== true) output.say(said);
		}
	}
	return answerOutcome(context, 'would_revoke', {done, failed, asked: ids.length});
}

function answerOutcome(context: Context, member: string, outcome: Outcome): number {
	const {flags, output} = context;
	const {done, failed, asked} = outcome;
	const [first] = failed;
	if (first !== undefined && asked === 1) throw first.failure;
	if (flags['json'] === true) {
		const told = failed.map(({id, failure}) => ({id, error: failure.message}));
		output.json({[member]: done, failed: told});
	}
	for (const {id, failure} of failed) output.say(`Not revoked ${clean(id)}: ${failure.message}`);
	if (first === undefined) return exitCodes.done;
	return done.length > 0 ? exitCodes.partly : exitCode(first.failure);
}

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
	context: Context,
	org_id: string,
	ids: readonly string[],
): Promise<boolean> {
	const keys = await keysById(context, org_id);
	for (const id of ids) {
		const key = keys.get(id.toLowerCase());
		if (key === undefined || key.revoked_at !== null) continue;
		// oxlint-disable-next-line no-await-in-loop
		if (!(await confirmOne(context, key))) return false;
	}
	return true;
}

async function confirmOne(context: Context, key: Key): Promise<boolean> {
	const {terminal, now} = context;
	const use = lastUse(key, now);
	if (!inUse(key, now)) {
		return agrees(context, `Revoke ${clean(key.name)} (${use})? This cannot be undone.`);
	}
	const word = confirmation(key);
	const question = `${clean(key.name)} was ${use}; its callers will get 401 at once. Type ${word} to revoke it: `;
	return (await ask(terminal, question, {otherwise: 'Add --yes.'})).trim() === word;
}

async function keysById({client}: Context, org_id: string): Promise<Map<string, Key>> {
	return new Map((await all(client, 'listKeys', {org_id})).map((key) => [key.id, key]));
}

function lastUse({last_used_at}: Key, now: number): string {
	return last_used_at === null ? 'never used' : `last used ${ago(last_used_at, now)}`;
}
