import {randomBytes, randomUUID} from 'node:crypto';
import test from 'ava';
import type {FullKey, KeyDetail} from '../../contract/keys.ts';
import {keyStatuses, statusOf} from '../../contract/key-status.ts';
import {makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';

const {appliance, server, jwt, db} = await openAppliance();

test.after.always(() => appliance.stop());

async function open() {
	const {id} = await makeOrganisation(server, jwt, 'team');
	const path = `/api/v1/organizations/${id}/api-keys`;
	const call = (query: string, headers: Record<string, string> = {}) =>
		server.call(`${path}${query}`, {bearer: jwt, headers});
	return {
		organisation: id,
		path,
		call,
		make: async (name: string, terms: object = {}) => {
			const answer = await server.call(path, {bearer: jwt, body: {name, ...terms}});
			if (answer.status !== 201) throw new Error(answer.text);
			return (answer.json() as {id: string}).id;
		},
		names: async (query: string) =>
			((await call(query)).json() as {name: string}[]).map(({name}) => name).toSorted(),
	};
}

test('each parameter narrows the list, and all of them together', async (t) => {
	const {organisation, path, make, names} = await open();
	const role = await server.call(`/api/v1/organizations/${organisation}/key-roles`, {
		bearer: jwt,
		body: {name: 'billing', scopes: ['invoices.*']},
	});
	t.is(role.status, 201, role.text);
	const owner = {type: 'team', id: 'pay/ments'};
	const ids = {
		plain: await make('plain'),
		tagged: await make('tagged', {tags: ['env:prod', 'eu'], owner}),
		scoped: await make('scoped', {scopes: ['orders.*'], tags: ['env:prod']}),
		shut: await make('shut', {scopes: []}),
		rolled: await make('rolled', {roles: ['billing'], expires_at: '2099-01-01T00:00:00Z'}),
		both: await make('both', {
			roles: ['billing'],
			scopes: ['eu'],
			expires_at: '2098-01-01T00:00:00Z',
		}),
	};
	await db.raw("update api_keys set created_at = now() - interval '40 days' where id in (?, ?)", [
		ids.plain,
		ids.scoped,
	]);
	await db('api_keys')
		.where({id: ids.scoped})
		.update({last_used_at: db.raw('now()')});
	const made = (await server.call(`${path}/${ids.plain}`, {bearer: jwt})).json() as KeyDetail;
	const {hint} = made;
	const all = Object.keys(ids).toSorted();
	for (const [query, expected] of [
		['tag=env:prod', ['scoped', 'tagged']],
		['tag=env:prod&tag=eu', undefined],
		['tag=ENV:prod', []],
		['owner=team/pay%2Fments', ['tagged']],
		['owner=team/other', []],
		['role=billing', ['both', 'rolled']],
		['role=other', []],
		['scope=orders.read', ['plain', 'scoped', 'tagged']],
		['scope=invoices.read', ['both', 'plain', 'rolled', 'tagged']],
		['scope=eu', ['both', 'plain', 'tagged']],
		['scope=latchkey:sources:read', ['plain', 'tagged']],
		['q=AGGE', ['tagged']],
		[`q=${ids.shut.slice(4, 20)}`, ['shut']],
		[`q=${encodeURIComponent(hint.slice(2))}`, ['plain']],
		['q=%25', []],
		['expires_before=2098-06-01T00:00:00Z', ['both']],
		['expires_after=2098-06-01T00:00:00Z', ['rolled']],
		['expires_after=2099-01-01T00:00:00Z', []],
		['idle_days=30', ['plain']],
		['idle_days=50', []],
		[`created_by=${made.creator?.id}`, all],
		['created_by=7d9f6f5e-3b1c-4b53-8a7e-2f8f9e0c1d2b', []],
		['status=active', all],
		['status=active&tag=env:prod&scope=orders.read&q=scop', ['scoped']],
		['status=revoked&tag=env:prod', []],
	] as const) {
		if (expected === undefined) {
			t.is((await server.call(`${path}?${query}`, {bearer: jwt})).status, 400, query);
			continue;
		}
		t.deepEqual(await names(`?${query}`), [...expected], query);
		t.deepEqual(await names(`?${query}&view=full`), [...expected], query);
	}
});

test('what is no value is refused by name, and never stands for all', async (t) => {
	const {call} = await open();
	for (const [query, field] of [
		['status=', 'status'],
		['status=dead', 'status'],
		['tag=', 'tag'],
		['tag=a%20b', 'tag'],
		['owner=payments', 'owner'],
		['owner=Team/a', 'owner'],
		['owner=team/', 'owner'],
		['role=', 'role'],
		['role=A', 'role'],
		['scope=', 'scope'],
		['scope=orders.*', 'scope'],
		['q=', 'q'],
		['q=%00', 'q'],
		['expires_before=tomorrow', 'expires_before'],
		['expires_after=', 'expires_after'],
		['idle_days=0', 'idle_days'],
		['idle_days=-1', 'idle_days'],
		['idle_days=36501', 'idle_days'],
		['created_by=me', 'created_by'],
		['state=active', 'state'],
	] as const) {
		const answer = await call(`?${query}`, {Accept: 'application/problem+json'});
		t.is(answer.status, 400, query);
		const {field: named, detail} = answer.json() as {field: string; detail: string};
		t.is(named, field, query);
		t.true(detail.includes(field), detail);
	}
});

test('filtering by each status is filtering the whole list by it', async (t) => {
	const {organisation, make, call} = await open();
	const id = await make('first');
	const times = [null, '-1 hour', '1 hour'] as const;
	const [row] = await db('api_keys').where({id});
	if (row === undefined) return t.fail();
	// Terms that older servers do not know are there from here on.
	await make('asks for what is needed', {not_before: '2099-01-01T00:00:00Z'});
	const at = (span: string | null) =>
		span === null ? null : db.raw('now() + ?::interval', [span]);
	const keys = times.flatMap((expires) =>
		times.flatMap((begins) =>
			times.flatMap((grace) =>
				[false, true].flatMap((isSuspended) =>
					[false, true].map((isRevoked) => ({
						id: randomUUID(),
						organisation_id: organisation,
						name: [expires, begins, grace, isSuspended, isRevoked].join(),
						hash: randomBytes(32),
						hint: 'hklst_aaaaaa',
						created_at: db.raw('now() - ?::interval', [begins === null ? '40 days' : '2 hours']),
						expires_at: at(expires),
						not_before: at(begins),
						grace_until: at(grace),
						suspended_at: at(isSuspended ? '-1 hour' : null),
						revoked_at: at(isRevoked ? '-1 hour' : null),
					})),
				),
			),
		),
	);
	for (const version of [4, 6, 7]) {
		await db.raw("select require_terms_version(?, '0.1.0')", [version]);
	}
	await db('api_keys').insert(keys as never);
	const full = async (query: string) => (await call(query)).json() as FullKey[];
	const check = async () => {
		const all = await full('?view=full');
		t.is(all.length, keys.length + 2);
		let found = 0;
		for (const status of keyStatuses) {
			const narrowed = await full(`?view=full&status=${status}`);
			t.deepEqual(
				narrowed.map((key) => key.id),
				all.filter((key) => key.status === status).map((key) => key.id),
				status,
			);
			t.true(narrowed.every((key) => statusOf(key, Date.now()) === status));
			t.true(narrowed.length > 0, status);
			found += narrowed.length;
		}
		t.is(found, all.length);
		return all.filter(({status}) => status === 'expired').length;
	};
	const before = await check();
	const policy = await server.call(`/api/v1/organizations/${organisation}/key-policy`, {
		method: 'PATCH',
		bearer: jwt,
		body: {max_lifetime_days: 20, applies_to_existing: 'enforce'},
	});
	t.is(policy.status, 200, policy.text);
	t.true((await check()) > before, 'an enforced policy ends keys before they say so');
});

test('pages of a narrowed list go on in it, and in no other', async (t) => {
	const {make, call, path} = await open();
	for (let index = 0; index < 6; index++) {
		await make(`key ${index}`, index % 2 === 0 ? {tags: ['even']} : {});
	}
	const first = await call('?tag=even&limit=2');
	t.deepEqual(
		(first.json() as {name: string}[]).map(({name}) => name),
		['key 4', 'key 2'],
	);
	const link = String(first.headers.link);
	const next = /^<([^>]*)>; rel="next"$/.exec(link)?.[1] ?? '';
	t.true(next.includes('tag=even'));
	const second = await server.call(next, {bearer: jwt});
	t.deepEqual(
		(second.json() as {name: string}[]).map(({name}) => name),
		['key 0'],
	);
	t.is(second.headers.link, undefined);
	for (const other of [next.replace('tag=even', 'tag=odd'), next.replace('tag=even&', '')]) {
		const refused = await server.call(other, {bearer: jwt});
		t.deepEqual([refused.status, refused.json()], [400, {error: 'cursor is not valid'}], other);
	}
	t.is((await server.call(path, {bearer: jwt})).status, 200);
});

test('a narrowed list has a tag, and another one when it is another list', async (t) => {
	const {make, call} = await open();
	await make('one', {tags: ['a']});
	const {etag} = (await call('?tag=a')).headers;
	t.is((await call('?tag=a', {'If-None-Match': String(etag)})).status, 304);
	await make('two', {tags: ['a']});
	const changed = await call('?tag=a', {'If-None-Match': String(etag)});
	t.is(changed.status, 200);
	t.is((changed.json() as object[]).length, 2);
});
