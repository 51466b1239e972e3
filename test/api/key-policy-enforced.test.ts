import test from 'ava';
import type {CreatedKey, FullKey, KeyDetail} from '../../contract/keys.ts';
import {toTimestamp} from '../../contract/text.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {makeKey, makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {eventually} from '../helpers/program.ts';

const {appliance, server, jwt, db} = await openAppliance();
const servers = [server, await appliance.startServer(), await appliance.startServer()];

test.after.always(() => appliance.stop());

const day = 86_400_000;
const ofAppliance = '/api/v1/key-policy';

test.beforeEach(async () => {
	await db('key_policies').delete();
});

/** A key that was made so many days ago. */
async function open(age: number) {
	const {id} = await makeOrganisation(server, jwt, 'team');
	const base = `/api/v1/organizations/${id}`;
	const {key, id: keyId} = await makeKey(server, jwt, id);
	await makeOld(keyId, age);
	return {
		id,
		key,
		keyId,
		base,
		path: `${base}/api-keys/${keyId}`,
		set: (body: object, policy = `${base}/key-policy`) =>
			server.call(policy, {method: 'PATCH', bearer: jwt, body}),
		verify: () =>
			server.call('/api/v1/keys/verify', {
				bearer: jwt,
				headers: {'Latchkey-Organization': id},
				body: {key},
			}),
		/** What each server says of the key. */
		uses: () =>
			Promise.all(
				servers.map(async (at) => (await at.call('/api/v1/keys/self', {bearer: key})).status),
			),
	};
}

async function makeOld(keyId: string, days: number): Promise<void> {
	await db.raw(`update api_keys set created_at = now() - ? * interval '24 hours' where id = ?`, [
		days,
		keyId,
	]);
}

test.serial('no server accepts a key that has lived too long, once it is answered', async (t) => {
	const {set, uses, verify, path, base, keyId} = await open(91);
	await eventually(async () => (await uses()).every((status) => status === 200));
	t.is((await set({max_lifetime_days: 90})).status, 200);
	t.deepEqual(await uses(), [200, 200, 200], 'it is only reported');
	const enforced = await set({applies_to_existing: 'enforce'});
	t.is(enforced.status, 200, enforced.text);
	t.regex(String(enforced.headers['latchkey-revocation']), /^verifiers=3; ms=\d+$/);
	t.deepEqual(await uses(), [401, 401, 401]);

	const shown = (await server.call(path, {bearer: jwt})).json() as KeyDetail;
	t.is(shown.status, 'expired');
	const last = toTimestamp(new Date(Date.parse(shown.created_at) + 90 * day));
	t.is(shown.expires_at, last);
	const list = await server.call(`${base}/api-keys?view=full`, {bearer: jwt});
	t.like((list.json() as FullKey[])[0], {status: 'expired', expires_at: last});
	const verified = await verify();
	t.like(verified.json(), {valid: false, code: 'EXPIRED', expires_at: last});
	const suspended = await server.call(`${path}/suspend`, {bearer: jwt, body: {}});
	t.is(suspended.status, 200);
	const resumed = await server.call(`${path}/resume`, {bearer: jwt, body: {}});
	t.is(resumed.headers['latchkey-error-code'], 'key_expired');
	await db('api_keys').where({id: keyId}).update({suspended_at: null});

	const same = await server.call(`${base}/api-keys?view=full`, {
		bearer: jwt,
		headers: {'If-None-Match': String(list.headers.etag)},
	});
	t.is(same.status, 200, 'it was suspended and resumed');
	const longer = await set({max_lifetime_days: 92});
	t.is(longer.status, 200);
	t.deepEqual(await uses(), [200, 200, 200]);
	const after = await server.call(`${base}/api-keys?view=full`, {
		bearer: jwt,
		headers: {'If-None-Match': String(same.headers.etag)},
	});
	t.is(after.status, 200, 'the policy alone makes the list another');
	t.like((after.json() as FullKey[])[0], {status: 'active'});
	t.is((await set({applies_to_existing: null})).status, 200);
	t.is(((await server.call(path, {bearer: jwt})).json() as KeyDetail).expires_at, null);
});

test.serial("a key's own end holds where it is earlier, also of one that is changed", async (t) => {
	const {set, uses, verify, path} = await open(10);
	const soon = toTimestamp(new Date(Date.now() + 5 * day));
	const change = (body: object) => server.call(path, {method: 'PATCH', bearer: jwt, body});
	t.is((await change({expires_at: soon})).status, 200);
	t.is((await set({max_lifetime_days: 20, applies_to_existing: 'enforce'})).status, 200);
	t.deepEqual(await uses(), [200, 200, 200]);
	const verified = await verify();
	t.like(verified.json(), {valid: true, expires_at: soon});
	const late = toTimestamp(new Date(Date.now() + 11 * day));
	t.is((await change({expires_at: late})).status, 400);
});

test.serial(
	'of organisation and appliance the tighter is enforced, whichever says so',
	async (t) => {
		const {set, uses} = await open(50);
		const cases: [own: object, appliance: object, status: number][] = [
			[{max_lifetime_days: 60}, {max_lifetime_days: 40}, 200],
			[{max_lifetime_days: 60}, {max_lifetime_days: 40, applies_to_existing: 'enforce'}, 401],
			[{max_lifetime_days: 40}, {max_lifetime_days: 60, applies_to_existing: 'enforce'}, 401],
			[{max_lifetime_days: 40, applies_to_existing: 'enforce'}, {max_lifetime_days: 60}, 401],
			[{max_lifetime_days: 60, applies_to_existing: 'enforce'}, {max_lifetime_days: 60}, 200],
			[{applies_to_existing: 'enforce'}, {max_lifetime_days: 40}, 401],
			[{max_lifetime_days: 40}, {applies_to_existing: 'enforce'}, 401],
			[{applies_to_existing: 'enforce'}, {}, 200],
		];
		const none = {max_lifetime_days: null, applies_to_existing: null};
		for (const [own, floor, status] of cases) {
			t.is((await set({...none, ...own})).status, 200);
			t.is((await set({...none, ...floor}, ofAppliance)).status, 200);
			t.deepEqual(await uses(), [status, status, status], JSON.stringify([own, floor]));
		}
	},
);

test.serial('what the appliance asks for holds in every organisation, and is told', async (t) => {
	const {id, base, set} = await open(0);
	const answer = await set({require_expiry: true, max_lifetime_days: 365}, ofAppliance);
	t.is(answer.status, 200, answer.text);
	t.like(answer.json(), {appliance: null, own: {max_lifetime_days: 365}});
	const state = (await server.call(`${base}/key-policy`, {bearer: jwt})).json();
	t.like(state, {
		own: {require_expiry: false, max_lifetime_days: null},
		appliance: {require_expiry: true, max_lifetime_days: 365},
		effective: {require_expiry: true, max_lifetime_days: 365},
	});
	t.is((await set({max_lifetime_days: 400, default_lifetime_days: 400})).status, 200);
	const made = await server.call(`${base}/api-keys`, {bearer: jwt, body: {name: 'a'}});
	t.is(made.status, 201, made.text);
	const {id: keyId} = made.json() as CreatedKey;
	const row = await db('api_keys').where({id: keyId}).first('created_at', 'expires_at');
	const days = (Number(row?.expires_at) - Number(row?.created_at)) / day;
	t.true(days > 364 && days < 366, 'no more than the appliance allows');
	const entry = await db('audit_entries')
		.where({action: 'appliance_key_policy.updated'})
		.orderBy('sequence', 'desc')
		.first('content');
	t.like(JSON.parse(String(entry?.content)), {
		target: {type: 'appliance'},
		details: {changed: 'max_lifetime_days, require_expiry'},
	});
	t.is((await db('events').where({organisation_id: id, type: 'key_policy.updated'})).length, 0);
});

test.serial('whatever psql changes of a policy is in force on every server', async (t) => {
	const {id, uses} = await open(30);
	await eventually(async () => (await uses()).every((status) => status === 200));
	const owner = connectDatabase(appliance.ownerDatabase, 'test');
	t.teardown(() => owner.destroy());
	const all = (status: number) =>
		eventually(async () => (await uses()).every((each) => each === status));
	const enforced = {max_lifetime_days: 20, applies_to_existing: 'enforce'} as const;
	for (const place of [id, null]) {
		await owner('key_policies').insert({organisation_id: place, ...enforced});
		await all(401);
		await owner('key_policies').update({max_lifetime_days: 40});
		await all(200);
		await owner('key_policies').update({max_lifetime_days: 20});
		await all(401);
		await owner('key_policies').update({applies_to_existing: 'report'});
		await all(200);
		await owner('key_policies').update({applies_to_existing: 'enforce'});
		await all(401);
		await owner('key_policies').delete();
		await all(200);
	}
	await owner('key_policies').insert({organisation_id: null, ...enforced});
	await all(401);
	await owner.raw('truncate key_policies');
	await all(200);
	t.true((await uses()).every((status) => status === 200));
});

test.serial(
	'a policy is enforced on ten thousand keys by one statement that touches none',
	async (t) => {
		const {id, set, uses} = await open(100);
		// Few at a time, within the bound of one statement on a busy machine.
		for (let from = 1; from <= 10_000; from += 500) {
			await db.raw(
				`insert into api_keys (organisation_id, name, hash, hint, created_at)
				select ?, 'key ' || n, sha256(convert_to(?::text || n, 'UTF8')), 'hklst_AAAAAA', now() - n * interval '1 minute'
				from generate_series(?::int, ?::int) n`,
				[id, id, from, from + 499],
			);
		}
		const versions = async () => {
			const {rows} = await db.raw<{rows: {sum: string}[]}>(
				'select sum(hashtext(id::text || xmin::text))::text as sum from api_keys where organisation_id = ?',
				[id],
			);
			return rows[0]?.sum;
		};
		const before = await versions();
		t.is((await set({max_lifetime_days: 3, applies_to_existing: 'enforce'})).status, 200);
		t.deepEqual(await uses(), [401, 401, 401]);
		t.is(await versions(), before);
		const list = await server.call(`/api/v1/organizations/${id}/api-keys?view=full`, {bearer: jwt});
		const keys = list.json() as FullKey[];
		const isOld = (key: FullKey) => Date.parse(key.created_at) + 3 * day <= Date.now();
		t.is(keys.length, 10_001);
		t.true(keys.every((key) => (key.status === 'expired') === isOld(key)));
	},
);
