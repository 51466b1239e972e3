import {randomBytes, randomUUID} from 'node:crypto';
import test from 'ava';
import type {FullKey, KeyDetail} from '../../contract/keys.ts';
import {keyStatuses, statusOf} from '../../contract/key-status.ts';
import {administrator, makeMember, makeOrganisation} from '../helpers/appliance.ts';
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
		['created_by=', 'created_by'],
		['created_by=nobody@example.com', 'created_by'],
		['state=active', 'state'],
	] as const) {
		const answer = await call(`?${query}`, {Accept: 'application/problem+json'});
		t.is(answer.status, 400, query);
		const {field: named, detail} = answer.json() as {field: string; detail: string};
		t.is(named, field, query);
		t.true(detail.includes(field), detail);
	}
});

test('keys are found by who made them: by id, email or name, also once they have left', async (t) => {
	const {organisation, path, make, names} = await open();
	const of = `/api/v1/organizations/${organisation}`;
	const call = async (method: 'DELETE' | 'PATCH' | 'POST', at: string, body?: object) => {
		const answer = await server.call(at, {method, bearer: jwt, ...(body && {body})});
		if (answer.status >= 300) throw new Error(`${method} ${at}: ${answer.text}`);
		return answer.json() as {id: string};
	};
	await make('of admin');
	const {email, password} = await makeMember(appliance.database, organisation, 'developer');
	const token = await server.logIn({email, password});
	const bySomebody = async (name: string) =>
		((await server.call(path, {bearer: token, body: {name}})).json() as {id: string}).id;
	await bySomebody('of ada');
	const byBot = await bySomebody('of bot');
	const byOld = await bySomebody('of old bot');
	const accounts = `${of}/service-accounts`;
	const bot = await call('POST', accounts, {name: 'CI Bot', role: 'developer'});
	const old = await call('POST', accounts, {name: 'old bot', role: 'developer'});
	for (const [key, {id}, name] of [
		[byBot, bot, 'CI Bot'],
		[byOld, old, 'old bot'],
	] as const) {
		await db('api_keys').where({id: key}).update({
			created_by: null,
			created_by_service_account_id: id,
			created_by_service_account: name,
		});
	}
	const named = (name: string) => names(`?created_by=${encodeURIComponent(name)}`);
	const members = (await server.call(`${of}/members`, {bearer: jwt})).json() as {
		user_id: string;
		email: string;
	}[];
	const ada = members.find((member) => member.email === email)?.user_id ?? '';
	const check = async (about: string) => {
		t.deepEqual(await named(email), ['of ada'], about);
		t.deepEqual(await named(email.toUpperCase()), ['of ada'], about);
		t.deepEqual(await named(ada.toUpperCase()), ['of ada'], about);
		t.deepEqual(await named('old bot'), ['of old bot'], about);
	};
	await check('as long as they are there');
	t.deepEqual(await named('ci bot'), ['of bot']);
	await call('DELETE', `${of}/members/${ada}`);
	await call('DELETE', `${accounts}/${old.id}`);
	await check('once they have left');

	await call('PATCH', `${accounts}/${bot.id}`, {name: 'deploy bot'});
	t.deepEqual(await named('deploy bot'), ['of bot'], 'a name that was given later');
	const again = await call('POST', accounts, {name: 'old bot', role: 'viewer'});
	t.deepEqual(await named('old bot'), ['of old bot'], 'two have had this name');
	t.deepEqual(await named(again.id), []);
	t.deepEqual(
		await names(`?created_by=${encodeURIComponent(email)}&q=ada&view=full`),
		['of ada'],
		'it is combined as others are',
	);

	const elsewhere = await open();
	const refused = await elsewhere.call(`?created_by=${encodeURIComponent(email)}`, {
		Accept: 'application/problem+json',
	});
	t.is(refused.status, 400, 'who is in another organisation is not told');
	t.like(refused.json(), {field: 'created_by'});
	const me = (await server.call('/api/v1/auth/me', {bearer: jwt})).json() as {id: string};
	const list = (await server.call(`${path}?view=full`, {bearer: jwt})).json() as FullKey[];
	t.deepEqual(
		Object.fromEntries(list.map(({name, creator}) => [name, creator])),
		{
			'of admin': {type: 'user', id: me.id, name: administrator.email},
			'of ada': {type: 'user', id: ada, name: email},
			'of bot': {type: 'service_account', id: bot.id, name: 'CI Bot'},
			'of old bot': {type: 'service_account', id: old.id, name: 'old bot'},
		},
		'the whole list tells who made each',
	);
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
