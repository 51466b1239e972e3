import test from 'ava';
import type {SharedLimits} from '../../contract/shared-limits.ts';
import {Clock} from '../../core/clock/clock.ts';
import {connectDatabase, connectVerification} from '../../core/db/connect.ts';
import {findFactsByHash} from '../../core/keys/facts.ts';
import {
	createKeyFormat,
	hashKeyToText,
	type KeyHashText,
	type PlainKey,
} from '../../core/keys/token.ts';
import {createLog} from '../../core/log.ts';
import {Coherence} from '../../core/verification/coherence.ts';
import {FactsMemory} from '../../core/verification/facts.ts';
import {termsVersion} from '../../core/verification/terms-version.ts';
import {makeOrganisation, patiently} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';

/*
What keys share is in force on every server when a change of it is answered: seen in the memory of one
more server, which runs in this process.
*/

const {appliance, server, jwt, db} = await openAppliance();
const format = createKeyFormat('hklst_');
const log = createLog({program: 'test', logLevel: 'silent', keyPrefix: format.prefix});
const pool = connectVerification(appliance.database, 'test', log);
const own = connectDatabase(appliance.database, 'test');
const memory = new FactsMemory({
	maxKeys: 1000,
	read: (hashes) => findFactsByHash(pool, hashes, {isPrepared: true, termsVersion}),
});
const clock = new Clock();
const database = appliance.database;
const coherence = new Coherence({database, db: own, memory, log, clock, termsVersion});
coherence.start();
await eventually(() => coherence.isHeld(), {what: 'a lease'});

test.after.always(async () => {
	await coherence.stop();
	await Promise.all([own.destroy(), pool.destroy()]);
	await appliance.stop();
});

const all = {name: 'all', limit: 1000, window_seconds: 60};
const payments = {type: 'team', id: 'payments'};

async function open() {
	const {id} = await makeOrganisation(server, jwt, 'team');
	const base = `/api/v1/organizations/${id}`;
	return {
		id,
		key: async (terms: object = {}): Promise<KeyHashText> => {
			const answer = await server.call(`${base}/api-keys`, {
				bearer: jwt,
				body: {name: 'a key', ...terms},
			});
			if (answer.status !== 201) throw new Error(answer.text);
			return hashKeyToText((answer.json() as {key: PlainKey}).key);
		},
		put: (path: string, body: object) =>
			patiently(() =>
				server.call(`${base}/shared-limits/${path}`, {method: 'PUT', bearer: jwt, body}),
			),
		remove: (path: string) =>
			server.call(`${base}/shared-limits/${path}`, {method: 'DELETE', bearer: jwt}),
	};
}

/** How the limits and quotas that the other server goes by are called, as it knows or reads them. */
async function limitsOf(key: KeyHashText): Promise<string[]> {
	const known = memory.get(key);
	const facts = known === undefined ? await memory.fill(key, true) : known;
	const {limits = [], quotas = []} = facts?.limits ?? {};
	return [...limits, ...quotas].map(({shown, limit}) => `${shown} ${limit}`);
}

test.serial(
	'what is set holds for the keys of the owner, or all, when it is answered; what is deleted, no more',
	async (t) => {
		const {key, put, remove} = await open();
		const [theirs, others, plain] = [
			await key({owner: payments}),
			await key({owner: {type: 'user', id: 'payments'}, rate_limits: [{...all, limit: 7}]}),
			await key(),
		];
		const everyone = () => Promise.all([theirs, others, plain].map((each) => limitsOf(each)));
		t.deepEqual(await everyone(), [[], ['all 7'], []]);
		for (let limit = 1; limit <= 10; limit++) {
			const set = await put('owner/team/payments', {rate_limits: [{...all, limit}]});
			t.regex(String(set.headers['latchkey-revocation']), /^verifiers=2; ms=\d+$/);
			t.deepEqual(await everyone(), [[`owner:all ${limit}`], ['all 7'], []]);
		}
		await put('organization', {rate_limits: [all], quota: {limit: 5, period: 'day'}});
		t.deepEqual(await everyone(), [
			['org:all 1000', 'owner:all 10', 'org:quota 5'],
			['all 7', 'org:all 1000', 'org:quota 5'],
			['org:all 1000', 'org:quota 5'],
		]);
		await remove('owner/team/payments');
		await put('organization', {});
		t.deepEqual(await everyone(), [[], ['all 7'], []], 'what limits nothing is not there');
		t.is(memory.get(plain)?.limits, undefined);
	},
);

test.serial(
	'a key that is given an owner, or loses it, shares or does not when that is answered',
	async (t) => {
		const {id, put} = await open();
		await put('owner/team/payments', {quota: {limit: 9, period: 'total'}});
		const answer = await server.call(`/api/v1/organizations/${id}/api-keys`, {
			bearer: jwt,
			body: {name: 'a key'},
		});
		const made = answer.json() as {id: string; key: PlainKey};
		const hash = hashKeyToText(made.key);
		for (const [owner, limits] of [
			[payments, ['owner:quota 9']],
			[{type: 'team', id: 'Payments'}, []],
			[payments, ['owner:quota 9']],
			[null, []],
		] as const) {
			const path = `/api/v1/organizations/${id}/api-keys/${made.id}`;
			await server.call(path, {method: 'PATCH', bearer: jwt, body: {owner}});
			t.deepEqual(await limitsOf(hash), [...limits]);
		}
	},
);

test.serial('whatever is changed from psql is announced to every server', async (t) => {
	const [{id, key}, other] = [await open(), await open()];
	const mine = await key({owner: payments});
	const theirs = await other.key({owner: payments});
	const becomes = async (hash: KeyHashText, limits: readonly string[]) => {
		await eventually(async () => JSON.stringify(await limitsOf(hash)) === JSON.stringify(limits));
	};
	await becomes(mine, []);
	const rows = db('shared_limits').where({organisation_id: id});
	const complete = {...all, burst: 1000, cost: 1, auto: true};
	await db.raw(
		"insert into shared_limits (organisation_id, owner_type, owner_id, rate_limits) values (?, 'team', 'payments', ?)",
		[id, JSON.stringify([complete])],
	);
	await becomes(mine, ['owner:all 1000']);
	await rows
		.clone()
		.update({quota: {limit: 3, period: 'total', reset_day: null, timezone: 'UTC', cost: 1}});
	await becomes(mine, ['owner:all 1000', 'owner:quota 3']);
	await db.raw("update shared_limits set rate_limits = '[]' where organisation_id = ?", [id]);
	await becomes(mine, ['owner:quota 3']);
	await becomes(theirs, []);
	await db.raw('update shared_limits set organisation_id = ? where organisation_id = ?', [
		other.id,
		id,
	]);
	await becomes(mine, []);
	await becomes(theirs, ['owner:quota 3']);
	await db.raw("update shared_limits set owner_type = 'user' where organisation_id = ?", [
		other.id,
	]);
	await becomes(theirs, []);
	await db.raw(
		'update shared_limits set owner_type = null, owner_id = null where organisation_id = ?',
		[other.id],
	);
	await becomes(theirs, ['org:quota 3']);
	await db('shared_limits').where({organisation_id: other.id}).delete();
	await becomes(theirs, []);
	t.deepEqual(await limitsOf(mine), []);
});

test.serial('a change that fails changes nothing, and what is answered then holds', async (t) => {
	const {id, key, put} = await open();
	const hash = await key();
	await put('organization', {rate_limits: [all]});
	t.deepEqual(await limitsOf(hash), ['org:all 1000']);
	const owner = connectDatabase(appliance.ownerDatabase, 'test');
	t.teardown(() => owner.destroy());
	// Last in the transaction, after the row was written and announced.
	await owner.raw(
		`create function refuse_entry() returns trigger language plpgsql as $$ begin raise 'no entry'; end $$;
		create trigger refuse_entry before insert on audit_entries for each row
		when (new.content like '%shared_limit.updated%') execute function refuse_entry()`,
	);
	const failed = await put('organization', {quota: {limit: 1, period: 'total'}});
	t.is(failed.status, 500);
	await owner.raw('drop trigger refuse_entry on audit_entries; drop function refuse_entry');
	t.deepEqual(await limitsOf(hash), ['org:all 1000']);
	const read = await server.call(`/api/v1/organizations/${id}/shared-limits/organization`, {
		bearer: jwt,
	});
	t.is((read.json() as SharedLimits).quota, null);
	t.is((await put('organization', {quota: {limit: 1, period: 'total'}})).status, 200);
	t.deepEqual(await limitsOf(hash), ['org:quota 1']);
});
