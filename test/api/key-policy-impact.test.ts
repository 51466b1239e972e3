import test, {type ExecutionContext} from 'ava';
import {keyPolicyImpact, type KeyPolicyImpact} from '../../contract/key-policy-impact.ts';
import {rulesOfKeys} from '../../contract/key-policies.ts';
import type {CreatedKey} from '../../contract/keys.ts';
import {toTimestamp} from '../../contract/text.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {makeMember, makeOrganisation} from '../helpers/appliance.ts';
import type {Answer} from '../helpers/http.ts';
import {openAppliance} from '../helpers/opening.ts';

const {appliance, server, jwt, db} = await openAppliance();

test.after.always(() => appliance.stop());

const day = 86_400_000;
const ofAppliance = '/api/v1/key-policy';
const noRules = Object.fromEntries(rulesOfKeys.map((rule) => [rule, 0]));

async function open() {
	const {id, name} = await makeOrganisation(server, jwt, 'team');
	const base = `/api/v1/organizations/${id}`;
	const policy = `${base}/key-policy`;
	return {
		id,
		name,
		base,
		policy,
		set: (body: object, at = policy) => server.call(at, {method: 'PATCH', bearer: jwt, body}),
		/** A key that was made so many days ago. */
		make: async (keyName: string, age: number, terms: object = {}) => {
			const body = {name: keyName, ...terms};
			const made = await server.call(`${base}/api-keys`, {bearer: jwt, body});
			if (made.status !== 201) throw new Error(made.text);
			const key = made.json() as CreatedKey;
			await db.raw(
				"update api_keys set created_at = now() - ? * interval '24 hours' where id = ?",
				[age, key.id],
			);
			return key;
		},
	};
}

const inDays = (days: number) => toTimestamp(new Date(Date.now() + days * day));

function impactOf(t: ExecutionContext, answer: Answer): KeyPolicyImpact {
	t.is(answer.status, 200, answer.text);
	return keyPolicyImpact.parse(answer.json());
}

const get = async (t: ExecutionContext, path: string) =>
	impactOf(t, await server.call(`${path}/impact`, {bearer: jwt}));
const attempt = async (t: ExecutionContext, path: string, body: object, query = '') =>
	impactOf(t, await server.call(`${path}/impact${query}`, {bearer: jwt, body}));

const says = (what: string) => `${what}: the key policy says so`;
const named = ({keys}: KeyPolicyImpact) => keys.map(({name}) => name);

test('a policy is tried out: which keys break which rule, by the words of the refusals, and nothing is changed', async (t) => {
	const {id, name, base, policy, make} = await open();
	const role = {name: 'billing', scopes: ['invoices.pay', 'orders.read']};
	t.is((await server.call(`${base}/key-roles`, {bearer: jwt, body: role})).status, 201);
	const old = await make('old', 100);
	await make('fitting', 10, {
		expires_at: inDays(20),
		scopes: ['orders.read'],
		ip_allow: ['10.0.0.0/8'],
	});
	await make('long', 5, {expires_at: inDays(90), scopes: ['orders.read', 'legacy.read']});
	await make('with a role', 4, {roles: ['billing'], expires_at: inDays(20)});
	const dead = await make('dead', 50);
	t.is(
		(await server.call(`${base}/api-keys/${dead.id}`, {method: 'DELETE', bearer: jwt})).status,
		200,
	);
	const before = await everythingOf(id);

	const asked = {
		max_lifetime_days: 90,
		require_expiry: true,
		rotate_every_days: 30,
		require_scopes: true,
		scope_catalogue: ['orders.*'],
		require_ip_allow: true,
		privileged_scopes: ['invoices.*'],
		applies_to_existing: 'enforce',
	};
	const answer = await server.call(`${policy}/impact`, {bearer: jwt, body: asked});
	const impact = impactOf(t, answer);
	t.like(impact.effective, asked);
	t.is(answer.headers.etag, '"0"');
	t.is(answer.headers.link, undefined);
	t.deepEqual(impact.counts, {
		keys: 4,
		affected: 3,
		outlived: 1,
		refused: 1,
		rules: {
			idle_suspend_days: 0,
			max_lifetime_days: 2,
			require_expiry: 1,
			rotate_every_days: 1,
			require_scopes: 1,
			scope_catalogue: 2,
			require_ip_allow: 3,
		},
	});
	t.deepEqual(named(impact), ['old', 'long', 'with a role'], 'oldest first');
	const [first, second, third] = impact.keys;
	t.is(first?.id, old.id);
	t.deepEqual(first?.organization, {id, name});
	t.like(first, {expires_at: null, last_used_at: null, refused: true});
	const lived = Date.parse(String(first?.accepted_until)) - Date.parse(String(first?.created_at));
	t.is(lived, 90 * day);
	const whence = 'expires_at must be within 90 days of when the key was made';
	t.deepEqual(first?.breaches, [
		{rule: 'max_lifetime_days', field: 'expires_at', error: says(whence)},
		{rule: 'require_expiry', field: 'expires_at', error: says('expires_at is required')},
		{
			rule: 'rotate_every_days',
			field: null,
			error: says('a key must be rotated within 30 days of when it was made'),
		},
		{rule: 'require_scopes', field: 'scopes', error: says('scopes is required')},
		{rule: 'require_ip_allow', field: 'ip_allow', error: says('ip_allow is required')},
	]);
	t.false(second?.refused);
	t.deepEqual(
		second?.breaches.map(({field, error}) => [field, error]),
		[
			['expires_at', says(whence)],
			['scopes[1]', says('scopes[1] must be in the scope catalogue')],
			['ip_allow', says('ip_allow is required')],
		],
	);
	t.is(
		third?.breaches[0]?.error,
		says('roles[0]: its scope invoices.pay must be in the scope catalogue'),
	);
	t.deepEqual(named(await attempt(t, policy, asked, '?rule=scope_catalogue')), [
		'long',
		'with a role',
	]);
	t.deepEqual(await everythingOf(id), before);

	const none = await get(t, policy);
	t.deepEqual(none.counts, {
		keys: 4,
		affected: 0,
		outlived: 0,
		refused: 0,
		rules: noRules,
	} as never);
	t.deepEqual(none.keys, []);
});

/** What there is of the keys and the policy of an organisation, and of what is told of them. */
async function everythingOf(organisationId: string): Promise<unknown> {
	const {rows} = await db.raw(
		`select (select sum(hashtext(id::text || xmin::text)) from api_keys where organisation_id = :id)::text as keys,
			(select count(*) from key_policies where organisation_id = :id)::text as policies,
			(select count(*) from audit_entries where chain = :id)::text as entries,
			(select count(*) from events where organisation_id = :id)::text as events`,
		{id: organisationId},
	);
	return rows;
}

test('what was tried is what comes of it: the same keys are refused once it is set', async (t) => {
	const {base, policy, make, set} = await open();
	const made = await Promise.all([make('new', 1), make('old', 40), make('older', 50)]);
	const asked = {max_lifetime_days: 30, applies_to_existing: 'enforce'};
	const tried = await attempt(t, policy, asked);
	t.is((await set(asked)).status, 200);
	t.deepEqual(await get(t, policy), tried);
	const refused = new Set(tried.keys.filter((key) => key.refused).map(({id}) => id));
	t.is(refused.size, 2);
	for (const {id, key} of made) {
		const use = await server.call('/api/v1/keys/self', {bearer: key});
		t.is(use.status, refused.has(id) ? 401 : 200);
	}
	const reported = await attempt(t, policy, {applies_to_existing: 'report'});
	t.like(reported.counts, {affected: 3, outlived: 2, refused: 0});
	t.true(reported.keys.every((key) => !key.refused && key.accepted_until !== null));

	const older = made[2]?.id ?? '';
	const body = {grace_seconds: 3600, expires_at: inDays(20)};
	t.is((await set({applies_to_existing: 'report'})).status, 200);
	const rotated = await server.call(`${base}/api-keys/${older}/rotate`, {bearer: jwt, body});
	t.is(rotated.status, 201, rotated.text);
	const rotating = await attempt(t, policy, {max_lifetime_days: 60, rotate_every_days: 10});
	t.deepEqual(named(rotating), ['older', 'old', 'new']);
	const [{accepted_until: until} = {}] = rotating.keys;
	const {previous} = rotated.json() as {previous: {grace_until: string}};
	t.is(until, previous.grace_until, 'no longer than its grace');
	t.is(rotating.counts?.rules.rotate_every_days, 1, 'it has a successor already');
});

test('what is no policy is refused as where it is set', async (t) => {
	const {policy, set} = await open();
	const call = (query: string, body?: object, headers: Record<string, string> = {}) =>
		server.call(`${policy}/impact${query}`, {bearer: jwt, headers, ...(body && {body})});
	for (const [answer, code, error] of [
		[
			await call('', {max_lifetime_days: 0}),
			'invalid_field',
			'max_lifetime_days must be a whole number from 1 to 3650, or null',
		],
		[await call('', {rule: 'require_expiry'}), 'invalid_field', 'Unknown member: rule'],
		[
			await call('', {max_lifetime_days: 5, default_lifetime_days: 6}),
			'invalid_field',
			'default_lifetime_days must be at most max_lifetime_days, which is 5',
		],
		[
			await call('?rule=privileged_scopes'),
			'invalid_field',
			`rule must be one of ${rulesOfKeys.join(', ')}`,
		],
		[await call('?limit=0'), 'invalid_field', 'limit must be a whole number from 1 to 1000'],
		[await call('?cursor=nonsense'), 'invalid_field', 'cursor is not valid'],
		[await call('?view=full'), 'invalid_field', 'Unknown query parameter: view'],
	] as const) {
		t.is(answer.status, 400, answer.text);
		t.is(answer.headers['latchkey-error-code'], code);
		t.is((answer.json() as {error: string}).error, error);
	}
	t.is((await set({require_expiry: true})).status, 200);
	t.is((await call('', {}, {'If-Match': '"0"'})).status, 412);
	t.is((await call('', {}, {'If-Match': '"1"'})).status, 200);
	t.is((await call('', {}, {'Content-Type': 'application/merge-patch+json'})).status, 200);
	t.is((await call('', {}, {'Content-Type': 'text/plain'})).status, 415);
});

test('a whole policy can be tried, as it was read', async (t) => {
	const {policy, make, set} = await open();
	await make('plain', 3);
	t.is((await set({require_expiry: true})).status, 200);
	const {own} = (await server.call(policy, {bearer: jwt})).json() as {own: object};
	const impact = await attempt(t, policy, {...own, require_expiry: false, require_ip_allow: true});
	t.deepEqual(
		impact.keys[0]?.breaches.map(({rule}) => rule),
		['require_ip_allow'],
	);
});

test.serial('the policy of the appliance is tried on the keys of every organisation', async (t) => {
	const [one, other] = [await open(), await open()];
	await one.make('of one', 40);
	await other.make('of the other', 30);
	t.is((await one.set({applies_to_existing: 'enforce'})).status, 200);
	t.is((await other.set({max_lifetime_days: 10})).status, 200);
	t.teardown(async () => {
		await db('key_policies').whereNull('organisation_id').delete();
	});

	const tried = await attempt(t, ofAppliance, {max_lifetime_days: 20, require_ip_allow: true});
	t.like(tried.effective, {max_lifetime_days: 20, require_ip_allow: true});
	const of = (impact: KeyPolicyImpact, id: string) =>
		impact.keys.filter(({organization}) => organization.id === id);
	t.like(of(tried, one.id), [{name: 'of one', refused: true, organization: {name: one.name}}]);
	const [second] = of(tried, other.id);
	t.like(second, {name: 'of the other', refused: false});
	t.is(
		second?.breaches[0]?.error,
		says('expires_at must be within 10 days of when the key was made'),
		'what its organisation asks for is tighter',
	);
	t.like(
		(await attempt(t, ofAppliance, {applies_to_existing: 'enforce'})).keys.find(
			({name}) => name === 'of the other',
		),
		{
			refused: true,
		},
	);

	const ofOne = await attempt(t, one.policy, {require_expiry: true});
	t.deepEqual(named(ofOne), ['of one'], 'those of others are no business of it');
	t.is((await one.set({max_lifetime_days: 20}, ofAppliance)).status, 200);
	t.like(await get(t, one.policy), {effective: {max_lifetime_days: 20}});
	t.is((await get(t, one.policy)).counts?.refused, 1);
	t.like(of(await get(t, ofAppliance), other.id), [{name: 'of the other'}]);
	const owner = await server.logIn({
		...(await makeMember(appliance.database, one.id, 'owner')),
		organization_id: one.id,
	});
	t.is((await server.call(`${ofAppliance}/impact`, {bearer: owner})).status, 403);
});

test.serial('ten thousand keys are judged, a page at a time, each once', async (t) => {
	const {id, policy} = await open();
	// The product's own connections do not wait for as much as this.
	const owner = connectDatabase(appliance.ownerDatabase, 'test', {
		statementTimeoutMs: 60_000,
		queryTimeoutMs: 61_000,
	});
	t.teardown(() => owner.destroy());
	// Many at one instant.
	for (let from = 1; from <= 10_000; from += 500) {
		await owner.raw(
			`insert into api_keys (organisation_id, name, hash, hint, created_at, expires_at, terms)
			select ?, 'key ' || n, sha256(convert_to(?::text || n, 'UTF8')), 'hklst_AAAAAA',
				date_trunc('hour', now()) - (n / 400) * interval '24 hours',
				case when n % 10 = 0 then now() + interval '1 hour' end,
				case when n % 2 = 0 then '{"scopes":["orders.read"]}'::jsonb else '{}' end
			from generate_series(?::int, ?::int) n`,
			[id, id, from, from + 499],
		);
	}
	const asked = {max_lifetime_days: 20, require_scopes: true, applies_to_existing: 'enforce'};
	const {counts: all} = await attempt(t, policy, asked, '?limit=1');
	// Older than 20 days are 2,001; of those, and of no others, also the ones with an end are too old.
	t.deepEqual(all, {
		keys: 10_000,
		affected: 9201,
		outlived: 2001,
		refused: 2001,
		rules: {...noRules, max_lifetime_days: 9201, require_scopes: 5000},
	} as never);

	const ids: string[] = [];
	let next: string | undefined = `${policy}/impact?limit=1000&rule=require_scopes`;
	for (let page = 0; next !== undefined; page++) {
		const answer: Answer = await server.call(next, {bearer: jwt, body: asked});
		const {counts, keys} = impactOf(t, answer);
		t.is(counts !== null, page === 0, 'it is counted once');
		ids.push(...keys.map((key) => key.id));
		next = /^<([^>]+)>; rel="next"$/.exec(String(answer.headers.link ?? ''))?.[1];
	}
	const odd = await db('api_keys')
		.where({organisation_id: id})
		.whereRaw("terms = '{}'")
		.orderBy(['created_at', 'id'])
		.select('id');
	t.deepEqual(
		ids,
		odd.map((row) => row.id),
	);
	t.is((await attempt(t, policy, asked)).keys.length, 100, 'it is never whole');
	const {headers} = await server.call(`${policy}/impact?limit=1`, {bearer: jwt, body: asked});
	const cursor = /cursor=([^&>]+)/.exec(String(headers.link))?.[1] ?? '';
	const elsewhere = await open();
	const foreign = await server.call(`${elsewhere.policy}/impact?cursor=${cursor}`, {
		bearer: jwt,
		body: asked,
	});
	t.is(foreign.status, 400);
});
