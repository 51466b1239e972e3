import type * as z from 'zod';
import {type Key, revocationReasons, revokeKeyQuery} from '../../contract/keys.ts';
import {errors} from '../../contract/errors.ts';
import type {Client} from '../client/client.ts';
import {all} from '../client/pages.ts';
import {asFailure, exitCode, exitCodes, Failure} from '../failure.ts';
import {inUse} from '../api-keys/in-use.ts';
import {revokeEach} from '../api-keys/change-each.ts';
import {revocationsText} from '../api-keys/revocation.ts';
import {confirmation} from '../text/confirmation.ts';
import {clean} from '../text/clean.ts';
import {plural} from '../text/plural.ts';
import {ago} from '../text/time.ts';
import {type Command, confirmOption, type Context, organisationOption} from './command.ts';
import {checked} from './flags.ts';
import {agrees, confirmedByFlag, typesWord} from './confirm.ts';
import {findKeyId} from './key-id.ts';
import {isId} from './named.ts';
import {organisationId} from './organisation.ts';
import {readAll} from '../terminal/terminal.ts';

export const revokeKeys: Command = {
	path: ['keys', 'revoke'],
	arguments: 'ID|NAME… | -',
	summary:
		'Revoke API keys for good; `-` reads them from stdin, one a line. One that is revoked already is done',
	changes: true,
	options: {
		...organisationOption,
		reason: {
			type: 'string',
			value: 'REASON',
			choices: revocationReasons,
			help: 'why, for the audit trail and whoever is told',
		},
		note: {type: 'string', value: 'TEXT', help: 'what else there is to say about it'},
		'dry-run': {type: 'boolean', help: 'only say what would be revoked, and who uses it'},
		...confirmOption,
	},
	async run(context) {
		const {flags, output} = context;
		const wanted = await wantedKeys(context);
		const isDryRun = flags['dry-run'] === true;
		const isConfirmed = !isDryRun && confirmedByFlag(context, 'Revoking');
		const given = {reason: flags['reason'], note: flags['note']};
		const why = checked(revokeKeyQuery, given, 'latchkey keys revoke ID|NAME… [--reason REASON]');
		const org_id = await organisationId(context);
		const outcome = outcomeOf(context, wanted.length);
		const ids = await idsOf(context.client, org_id, wanted, outcome);
		if (isConfirmed) {
			await revokeAll(context.client, {org_id, why}, ids, outcome);
			return outcome.answer('revoked');
		}
		const keys = await findKeys(context.client, org_id, ids, outcome);
		if (isDryRun) {
			for (const [id, key] of keys) outcome.done(id, wouldRevoke(id, key, context.now));
			return outcome.answer('would_revoke');
		}
		if (keys.size > 0 && !(await confirmAll(context, [...keys.values()]))) {
			output.say('Nothing was revoked.');
			return exitCodes.usage;
		}
		await revokeAll(context.client, {org_id, why}, [...keys.keys()], outcome);
		return outcome.answer('revoked');
	},
};

type Why = z.input<typeof revokeKeyQuery>;
type Outcome = ReturnType<typeof outcomeOf>;

/** What became of each of the keys, told as soon as it is known; of one alone the answer tells it. */
function outcomeOf({flags, output}: Context, asked: number) {
	const done: string[] = [];
	const already: string[] = [];
	const failed: {id: string; failure: Failure}[] = [];
	return {
		/** What was wanted is so: asked for again, it is no fault. */
		already(id: string) {
			already.push(id);
			if (flags['json'] !== true) output.say(`Already revoked ${id}`);
		},
		done(id: string, said: string) {
			done.push(id);
			if (flags['json'] !== true) output.say(said);
		},
		failed(id: string, failure: Failure) {
			failed.push({id, failure});
			if (asked > 1) output.say(`Not revoked ${clean(id)}: ${failure.message}`);
		},
		inForce(revocations: readonly (string | undefined)[]) {
			const where = revocationsText(revocations);
			if (where !== undefined && flags['json'] !== true) output.say(`Refused ${where}.`);
		},
		notTried(count: number) {
			if (count > 0) output.say(`${plural(count, ['key was', 'keys were'])} not tried.`);
		},
		/** The exit status. @throws {Failure} that of the only key */
		answer(member: 'revoked' | 'would_revoke'): number {
			const [first] = failed;
			if (first !== undefined && asked === 1) throw first.failure;
			if (flags['json'] === true) {
				const told = failed.map(({id, failure}) => ({id, error: failure.message}));
				output.json({[member]: done, already_revoked: already, failed: told});
			}
			if (first === undefined) return exitCodes.done;
			return done.length + already.length > 0 ? exitCodes.partly : exitCode(first.failure);
		},
	};
}

async function revokeAll(
	client: Client,
	{org_id, why}: {org_id: string; why: Why},
	ids: readonly string[],
	outcome: Outcome,
): Promise<void> {
	const keys = ids.map((id) => ({id}));
	const refused: {id: string; failure: Failure}[] = [];
	const tell = ({id}: {id: string}, failure?: Failure) => {
		if (failure === undefined) outcome.done(id, `Revoked ${id}`);
		else refused.push({id, failure});
	};
	const outcomes = await revokeEach(client, org_id, keys, tell, why);
	for (const {id, failure} of refused) {
		// The server has one answer for a key that is revoked and for one that never was.
		const isGone = failure.details.status === 404;
		const key = isGone ? await findKey(client, org_id, id) : undefined;
		if (typeof key?.revoked_at === 'string') outcome.already(id);
		else outcome.failed(id, failure);
	}
	const revoked = outcomes.filter(({outcome: became}) => became === 'revoked');
	outcome.inForce(revoked.map(({revocation}) => revocation));
	outcome.notTried(outcomes.filter(({outcome: became}) => became === 'not tried').length);
}

function wouldRevoke(id: string, key: Key, now: number): string {
	const isUsed = inUse(key, now) ? ', so somebody probably relies on it' : '';
	return `Would revoke ${id} ${clean(key.name)} (${lastUse(key, now)}${isUsed})`;
}

/** Ids and names: one a line on stdin, where several ids may also stand in a line. */
async function wantedKeys({positionals, terminal}: Context): Promise<string[]> {
	const lines = positionals[0] === '-' ? (await readAll(terminal.stdin)).split('\n') : positionals;
	const wanted = lines.flatMap((line) => {
		const words = line.trim().split(/\s+/u);
		return words.every(isId) ? words : [line.trim()];
	});
	const different = [...new Set(wanted)].filter((text) => text !== '');
	if (different.length === 0) {
		throw new Failure('usage', 'Which key?', {
			hint: 'latchkey keys revoke ID|NAME… (see `latchkey keys list`)',
		});
	}
	return different;
}

/**
 * The ids of what was given; what is not found has failed already.
 *
 * @throws {Failure} usage, where a name fits several: nothing is revoked then
 */
async function idsOf(
	client: Client,
	org_id: string,
	wanted: readonly string[],
	outcome: Outcome,
): Promise<string[]> {
	const ids = new Set<string>();
	for (const text of wanted) {
		try {
			ids.add(await findKeyId(client, org_id, text));
		} catch (error) {
			const failure = asFailure(error);
			if (failure.details.status !== 404) throw error;
			outcome.failed(text, failure);
		}
	}
	return [...ids];
}

/** Asks once a key, and for more than a `y` where somebody still uses it. */
async function confirmAll(context: Context, keys: readonly Key[]): Promise<boolean> {
	for (const key of keys) if (!(await confirmOne(context, key))) return false;
	return true;
}

async function confirmOne(context: Context, key: Key): Promise<boolean> {
	const {now} = context;
	const use = lastUse(key, now);
	if (!inUse(key, now)) {
		return agrees(context, `Revoke ${clean(key.name)} (${use})? This cannot be undone.`);
	}
	const word = confirmation(key);
	const question = `${clean(key.name)} was ${use}; its callers will get 401 at once. Type ${word} to revoke it: `;
	return typesWord(context, question, word);
}

/** From here on reading the whole list takes fewer requests than asking for each. */
const many = 20;

/** The keys that can be revoked, by the ids that were given; the others have failed already. */
async function findKeys(
	client: Client,
	org_id: string,
	ids: readonly string[],
	outcome: Outcome,
): Promise<ReadonlyMap<string, Key>> {
	const found =
		ids.length < many
			? await Promise.all(ids.map((id) => findKey(client, org_id, id.toLowerCase())))
			: await all(client, 'listKeys', {org_id});
	const byId = new Map(found.flatMap((key) => (key === undefined ? [] : [[key.id, key]])));
	const keys = new Map<string, Key>();
	for (const id of ids) {
		const key = byId.get(id.toLowerCase());
		if (key?.revoked_at === null) keys.set(id, key);
		else if (key === undefined) outcome.failed(id, notFound());
		else outcome.already(id);
	}
	return keys;
}

/** As the server answers for a key that is unknown. */
function notFound(): Failure {
	const details = {status: 404, code: 'api_key_not_found'};
	return new Failure('refused', errors.api_key_not_found.message, details);
}

/** @throws {Failure} other than that there is none */
async function findKey(client: Client, org_id: string, key_id: string): Promise<Key | undefined> {
	try {
		return (await client.call('getKey', {org_id, key_id})).body;
	} catch (error) {
		const {status} = asFailure(error).details;
		if (status === 404 || status === 400) return undefined;
		throw error;
	}
}

function lastUse({last_used_at}: Key, now: number): string {
	return last_used_at === null ? 'never used' : `last used ${ago(last_used_at, now)}`;
}
