import {randomUUID} from 'node:crypto';
import test, {type ExecutionContext} from 'ava';
import * as z from 'zod';
import {
	createdKey,
	createdKeyWithTerms,
	fullKey,
	keyDetail,
	keyList,
	keyUsage,
} from '../../contract/keys.ts';
import {defaultOrganisation, makeKey, makeMember, makeOrganisation} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {eventually} from '../helpers/program.ts';

const {appliance, server, jwt} = await openAppliance();
const keysPath = `/api/v1/organizations/${(await defaultOrganisation(server, jwt)).id}/api-keys`;

test.after.always(() => appliance.stop());

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

test('create answers 201 with exactly the documented members in their order', async (t) => {
	const answer = await server.call(keysPath, {bearer: jwt, body: {name: 'Production'}});
	t.is(answer.status, 201);
	t.is(answer.headers['content-type'], 'application/json; charset=utf-8');
	t.is(answer.headers['cache-control'], 'no-store');
	const key = createdKey.parse(answer.json());
	t.is(
		answer.text,
		`{"id":"${key.id}","name":"Production","key":"${key.key}","created_at":"${key.created_at}","last_used_at":null,"revoked_at":null}`,
	);
	t.regex(key.id, uuid);
	t.regex(key.key, /^hklst_[0-9A-Za-z]{49}$/);
	t.regex(key.created_at, instant);
});

for (const [title, body] of [
	['missing', {}],
	['empty', {name: ''}],
	['blank', {name: ' \t\u00A0 '}],
	['null', {name: null}],
	['a number', {name: 7}],
	['an array', {name: ['a']}],
	['an object', {name: {a: 1}}],
	['true', {name: true}],
] as const) {
	test(`a name that is ${title} answers 400 and creates nothing`, async (t) => {
		const organisation = await makeOrganisation(server, jwt, 'team');
		const path = `/api/v1/organizations/${organisation.id}/api-keys`;
		const answer = await server.call(path, {bearer: jwt, body});
		t.is(answer.status, 400);
		t.is(answer.text, '{"error":"name is required"}');
		t.is((await server.call(path, {bearer: jwt})).text, '[]');
	});
}

test('list answers newest first, without the key, revoked ones included', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const path = `/api/v1/organizations/${organisation.id}/api-keys`;
	t.is((await server.call(path, {bearer: jwt})).text, '[]');
	const first = await makeKey(server, jwt, organisation.id, 'first');
	const second = await makeKey(server, jwt, organisation.id, 'second');
	await server.call(`${path}/${first.id}`, {method: 'DELETE', bearer: jwt});
	const answer = await server.call(path, {bearer: jwt});
	t.is(answer.status, 200);
	const [newer, older] = keyList.parse(answer.json());
	t.regex(older?.revoked_at ?? '', instant);
	t.is(
		answer.text,
		`[{"id":"${second.id}","name":"second","created_at":"${newer?.created_at}","last_used_at":null,"revoked_at":null},` +
			`{"id":"${first.id}","name":"first","created_at":"${older?.created_at}","last_used_at":null,"revoked_at":"${older?.revoked_at}"}]`,
	);
});

test('revoke answers 200 once, then 404, and the key is refused', async (t) => {
	const key = await makeKey(server, jwt, keysPath.split('/')[4] ?? '');
	const before = await server.call('/api/v1/sources', {bearer: key.key});
	t.is(before.status, 200);
	const answer = await server.call(`${keysPath}/${key.id}`, {method: 'DELETE', bearer: jwt});
	t.is(answer.status, 200);
	t.is(answer.text, '{"message":"API key revoked successfully"}');
	const again = await server.call(`${keysPath}/${key.id}`, {method: 'DELETE', bearer: jwt});
	t.is(again.status, 404);
	t.is(again.text, '{"error":"API key not found"}');
	const after = await server.call('/api/v1/sources', {bearer: key.key});
	t.is(after.status, 401);
	t.is(after.text, '{"error":"Invalid or missing API key"}');
});

test('an unknown id, one of another organisation and one that is not an id get the same 404', async (t) => {
	const other = await makeOrganisation(server, jwt, 'team');
	const foreign = await makeKey(server, jwt, other.id);
	const ids = [
		'00000000-0000-4000-8000-000000000000',
		foreign.id,
		'nonsense',
		'%00',
		'a'.repeat(9000),
		"1'%20or%201=1",
	];
	for (const id of ids) {
		const answer = await server.call(`${keysPath}/${id}`, {method: 'DELETE', bearer: jwt});
		t.is(answer.status, 404, id.slice(0, 50));
		t.is(answer.text, '{"error":"API key not found"}');
	}
	const stillGood = await server.call('/api/v1/sources', {bearer: foreign.key});
	t.is(stillGood.status, 200);
});

test('off the Team plan create is refused, a key stops, and list and revoke go on', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const path = `/api/v1/organizations/${organisation.id}`;
	const key = await makeKey(server, jwt, organisation.id);
	const refusal = '{"error":"Your plan does not have access to this feature"}';
	for (const plan of ['pro', 'free']) {
		await server.call(path, {method: 'PATCH', bearer: jwt, body: {plan}});
		const created = await server.call(`${path}/api-keys`, {bearer: jwt, body: {name: 'x'}});
		t.is(created.status, 403);
		t.is(created.text, refusal);
		const used = await server.call('/api/v1/sources', {bearer: key.key});
		t.is(used.status, 403);
		t.is(used.text, refusal);
		t.is((await server.call(`${path}/api-keys`, {bearer: jwt})).status, 200);
	}
	await server.call(path, {method: 'PATCH', bearer: jwt, body: {plan: 'team'}});
	t.is((await server.call('/api/v1/sources', {bearer: key.key})).status, 200);
	await server.call(path, {method: 'PATCH', bearer: jwt, body: {plan: 'free'}});
	const revoked = await server.call(`${path}/api-keys/${key.id}`, {method: 'DELETE', bearer: jwt});
	t.is(revoked.status, 200);
	t.is((await server.call('/api/v1/sources', {bearer: key.key})).status, 401);
});

test('an API key manages nothing: a good one answers 403, a bad one 401', async (t) => {
	const {id} = await defaultOrganisation(server, jwt);
	const key = await makeKey(server, jwt, id);
	const management = [
		['GET', keysPath],
		['POST', keysPath],
		['DELETE', `${keysPath}/${key.id}`],
		['GET', '/api/v1/organizations'],
		['POST', '/api/v1/organizations'],
		['PATCH', `/api/v1/organizations/${id}`],
		['GET', '/api/v1/auth/me'],
		['POST', '/api/v1/auth/logout'],
	] as const;
	for (const [method, path] of management) {
		const good = await server.call(path, {method, bearer: key.key});
		t.is(good.status, 403, `${method} ${path}`);
		t.is(good.text, '{"error":"This operation requires a JWT"}');
		const bad = await server.call(path, {method, bearer: `${key.key.slice(0, -1)}!`});
		t.is(bad.status, 401);
	}
	t.is((await server.call('/api/v1/sources', {bearer: key.key})).status, 200);
});

test('the log names the key of a path, and none where no key could have its id', async (t) => {
	for (const [id, isNamed] of [
		[randomUUID(), true],
		['nonsense', false],
	] as const) {
		const answer = await server.call(`${keysPath}/${id}`, {method: 'DELETE', bearer: jwt});
		t.is(answer.status, 404);
		const needle = `"request_id":"${String(answer.headers['request-id'])}"`;
		const lines = () => server.output().split('\n');
		const line = await eventually(() => lines().find((text) => text.includes(needle)));
		t.is(line.includes('"key_id":'), isNamed, line);
		t.is(line.includes(`"key_id":"${id}"`), isNamed);
	}
});

test('an organisation of others answers as one that does not exist', async (t) => {
	const theirs = await makeOrganisation(server, jwt, 'team');
	const mine = await makeOrganisation(server, jwt, 'team');
	const member = await server.logIn(await makeMember(appliance.database, mine.id, 'owner'));
	for (const id of [theirs.id, '00000000-0000-4000-8000-000000000000', 'nonsense']) {
		for (const [method, path] of [
			['GET', ''],
			['PATCH', ''],
			['GET', '/api-keys'],
			['POST', '/api-keys'],
			['DELETE', '/api-keys/00000000-0000-4000-8000-000000000000'],
		] as const) {
			const answer = await server.call(`/api/v1/organizations/${id}${path}`, {
				method,
				bearer: member,
			});
			t.is(answer.status, 404, `${method} ${path}`);
			t.is(answer.text, '{"error":"Organization not found"}');
		}
	}
	t.is(
		(await server.call(`/api/v1/organizations/${mine.id}/api-keys`, {bearer: member})).status,
		200,
	);
});

test('a viewer reads, and neither creates nor revokes', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const key = await makeKey(server, jwt, organisation.id);
	const viewer = await server.logIn(
		await makeMember(appliance.database, organisation.id, 'viewer'),
	);
	const path = `/api/v1/organizations/${organisation.id}/api-keys`;
	t.is((await server.call(path, {bearer: viewer})).status, 200);
	t.is((await server.call(path, {bearer: viewer, body: {name: 'x'}})).status, 403);
	t.is((await server.call(`${path}/${key.id}`, {method: 'DELETE', bearer: viewer})).status, 403);
	t.is((await server.call('/api/v1/sources', {bearer: key.key})).status, 200);
});

test('names: any text is kept as it is, hostile text is refused and changes nothing', async (t) => {
	const kept = [
		'日本語キー',
		'e\u0301',
		'👩‍👩‍👧',
		"Robert'); DROP TABLE api_keys;--",
		'x'.repeat(255),
		'👍'.repeat(255),
	];
	for (const name of kept) {
		const answer = await server.call(keysPath, {bearer: jwt, body: {name}});
		t.is(answer.status, 201, name);
		t.is((answer.json() as {name: string}).name, name);
	}
	const refused = [
		'a\u0000b',
		'a\u001B[2J',
		'a\u202Eb',
		'a\u0085b',
		'x'.repeat(256),
		'👍'.repeat(256),
	];
	for (const name of refused) {
		const answer = await server.call(keysPath, {bearer: jwt, body: {name}});
		t.is(answer.status, 400, JSON.stringify(name));
		t.regex(answer.text, /^\{"error":"name must /);
	}
	const surrogate = await server.call(keysPath, {bearer: jwt, body: '{"name":"a\\ud800b"}'});
	t.is(surrogate.status, 400);
	t.is(surrogate.text, '{"error":"name must be well-formed Unicode text"}');
});

test('a member that nobody knows is refused by name', async (t) => {
	const answer = await server.call(keysPath, {bearer: jwt, body: {name: 'x', expiresAt: 'never'}});
	t.is(answer.status, 400);
	t.is(answer.text, '{"error":"Unknown member: expiresAt"}');
	t.is(answer.headers['latchkey-error-code'], 'invalid_field');
});

test('a list comes in pages when asked, linked to each other, and whole when not', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const path = `/api/v1/organizations/${organisation.id}/api-keys`;
	for (let i = 0; i < 5; i++) await makeKey(server, jwt, organisation.id, `key ${i}`);
	const whole = keyList.parse((await server.call(path, {bearer: jwt})).json());
	const paged: unknown[] = [];
	let next: string | undefined = `${path}?limit=2`;
	let pages = 0;
	while (next !== undefined) {
		const answer = await server.call(next, {bearer: jwt});
		paged.push(...keyList.parse(answer.json()));
		pages++;
		next = /^<([^>]+)>; rel="next"$/.exec(String(answer.headers['link'] ?? ''))?.[1];
	}
	t.is(pages, 3);
	t.deepEqual(paged, whole);

	const first = await server.call(`${path}?limit=2`, {bearer: jwt});
	const cursor = /cursor=([^>&]+)/.exec(String(first.headers['link']))?.[1] ?? '';
	const elsewhere = await server.call(`${keysPath}?limit=2&cursor=${cursor}`, {bearer: jwt});
	t.is(elsewhere.status, 400);
	t.is(elsewhere.text, '{"error":"cursor is not valid"}');
	for (const query of [
		'limit=0',
		'limit=-1',
		'limit=1e3',
		'limit=1001',
		'limit=1;drop',
		'limit=',
		'limit=1&limit=2',
		'page=2',
	]) {
		t.is((await server.call(`${path}?${query}`, {bearer: jwt})).status, 400, query);
	}
});

/** A key that was good when it was used, and will not be for long; longer on a busy machine. */
async function makeShortLivedKey(t: ExecutionContext, lifetimeMs = 2500) {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const expiry = new Date(Date.now() + lifetimeMs);
	const answer = await server.call(`/api/v1/organizations/${organisation.id}/api-keys`, {
		bearer: jwt,
		body: {name: 'short-lived', expires_at: expiry.toISOString()},
	});
	const {status} = await server.call('/api/v1/keys/self', {
		bearer: (answer.json() as {key?: string}).key ?? 'none',
	});
	const wholeSecond = Math.floor(expiry.getTime() / 1000) * 1000;
	if (status === 401 && Date.now() >= wholeSecond) return makeShortLivedKey(t, 2 * lifetimeMs);
	t.deepEqual([answer.status, status], [201, 200]);
	const made = createdKeyWithTerms.parse(answer.json());
	t.is(Date.parse(made.expires_at ?? ''), wholeSecond);
	return {organisation, made};
}

test('a key that is asked to expires, and says so; without asking nothing more is answered', async (t) => {
	const {organisation, made} = await makeShortLivedKey(t);
	const path = `/api/v1/organizations/${organisation.id}/api-keys`;
	await makeKey(server, jwt, organisation.id, 'lasting');

	const plain = await server.call(path, {bearer: jwt});
	t.is(keyList.parse(plain.json()).length, 2);
	const full = z
		.array(fullKey)
		.parse((await server.call(`${path}?view=full`, {bearer: jwt})).json());
	t.deepEqual(
		full.map(({name, expires_at}) => [name, expires_at]),
		[
			['lasting', null],
			['short-lived', made.expires_at],
		],
	);
	t.is(full[1]?.hint, made.key.slice(0, 12));
	t.is(
		(await server.call(`${path}?view=half`, {bearer: jwt})).text,
		'{"error":"view must be full"}',
	);

	// From memory: nothing announces that time has passed.
	await eventually(
		async () => (await server.call('/api/v1/keys/self', {bearer: made.key})).status === 401,
		{
			what: 'the key to expire',
		},
	);
	t.is(
		(await server.call('/api/v1/keys/self', {bearer: made.key})).text,
		'{"error":"Invalid or missing API key"}',
	);
});

test('an expiry that is not a time, or past, is refused and creates nothing', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const path = `/api/v1/organizations/${organisation.id}/api-keys`;
	const noTime = 'expires_at must be a time such as 2030-01-15T10:30:00Z';
	for (const [expires_at, error] of [
		['2020-01-01T00:00:00Z', 'expires_at must be in the future'],
		['tomorrow', noTime],
		['2030-13-01T00:00:00Z', noTime],
		['2030-01-01', noTime],
		[1_900_000_000, noTime],
		[null, noTime],
	]) {
		const answer = await server.call(path, {bearer: jwt, body: {name: 'x', expires_at}});
		t.is(answer.status, 400, String(expires_at));
		t.is(answer.text, JSON.stringify({error}));
	}
	t.is((await server.call(path, {bearer: jwt})).text, '[]');
});

test('one key tells who made it, from where it was used last, and how often in each hour and day', async (t) => {
	const organisation = await makeOrganisation(server, jwt, 'team');
	const made = await makeKey(server, jwt, organisation.id, 'counted');
	const path = `/api/v1/organizations/${organisation.id}/api-keys/${made.id}`;
	const read = async () => keyDetail.parse((await server.call(path, {bearer: jwt})).json());
	const before = await read();
	const admin = {type: 'user', name: 'admin@example.com'};
	t.like(before, {created_by: admin.name, creator: admin, revoker: null});
	t.like(before, {last_used_at: null, last_used_address: null, revoked_by: null});

	const db = connectDatabase(appliance.database, 'test');
	t.teardown(() => db.destroy());
	const process = randomUUID();
	const row = (hoursAgo: number, outcome: string, count: number) => ({
		hour: db.raw(`date_trunc('hour', now()) - make_interval(hours => ?)`, [hoursAgo]),
		key_id: made.id,
		process_id: process,
		outcome,
		count,
	});
	await db('usage_hourly').insert([
		row(0, 'valid', 3),
		row(0, 'plan_inactive', 2),
		row(23, 'valid', 5),
		row(24, 'valid', 7),
		row(24 * 31, 'valid', 11),
	]);
	await db('api_keys')
		.where({id: made.id})
		.update({last_used_at: db.raw('now()'), last_used_ip: '2001:db8::7'});
	t.is((await read()).last_used_address, '2001:db8::7');

	const usage = async (query: string) =>
		keyUsage.parse((await server.call(`${path}/usage${query}`, {bearer: jwt})).json());
	const hours = await usage('');
	t.is(hours.length, 24);
	t.like(hours.at(-1), {valid: 3, plan_inactive: 2, revoked: 0});
	t.is(hours[0]?.valid, 5);
	const days = await usage('?by=day');
	t.is(days.length, 30);
	t.true(days.every(({start}) => start.endsWith('T00:00:00Z')));
	t.is(
		days.reduce((sum, {valid}) => sum + valid, 0),
		15,
	);

	await makeKey(server, jwt, organisation.id, 'never used');
	const relies = async () =>
		(await server.call(`/api/v1/organizations/${organisation.id}/reliance`, {bearer: jwt})).text;
	t.is(await relies(), '{"active_keys":2,"used_keys":1,"calls_24h":8}');
	await server.call(path, {bearer: jwt, method: 'DELETE'});
	t.is(await relies(), '{"active_keys":1,"used_keys":0,"calls_24h":0}');
	t.like(await read(), {revoked_by: admin.name, revoker: admin});
	const unknown = path.replace(made.id, randomUUID());
	for (const [of, error] of [
		[unknown, 'API key not found'],
		[`${unknown}/usage`, 'API key not found'],
		[`${path}x`, 'API key not found'],
		[`${path}/usage?by=week`, 'by must be hour or day'],
	] as const) {
		t.is((await server.call(of, {bearer: jwt})).text, JSON.stringify({error}));
	}
});

test('a page that has not changed is answered with 304 to whoever has it, whatever changed elsewhere', async (t) => {
	const {id} = await makeOrganisation(server, jwt, 'team');
	const path = `/api/v1/organizations/${id}/api-keys`;
	const old = await makeKey(server, jwt, id, 'old');
	await makeKey(server, jwt, id, 'middle');
	await makeKey(server, jwt, id, 'new');
	const ask = (query: string, tag?: string) =>
		server.call(`${path}${query}`, {
			bearer: jwt,
			headers: tag === undefined ? {} : {'If-None-Match': tag},
		});
	const first = await ask('?limit=2');
	t.is(first.status, 200);
	t.is(first.headers['content-type'], 'application/json; charset=utf-8');
	const tag = String(first.headers['etag']);
	t.regex(tag, /^"[\w-]{22}"$/);
	const same = await ask('?limit=2', tag);
	t.is(same.status, 304);
	t.is(same.text, '');
	t.is(same.headers['etag'], tag);
	t.is(same.headers['link'], first.headers['link']);
	t.is((await ask('?limit=2&view=full', tag)).status, 200);

	const all = await ask('');
	const wholeTag = String(all.headers['etag']);
	const database = connectDatabase(appliance.database, 'test');
	t.teardown(() => database.destroy());
	const allTags = [wholeTag];
	for (const change of [
		() => database('api_keys').where({id: old.id}).update({last_used_at: new Date()}),
		() => server.call(`${path}/${old.id}`, {bearer: jwt, method: 'DELETE'}),
	]) {
		await change();
		t.is((await ask('?limit=2', tag)).status, 304, 'it is on the other page');
		const changed = await ask('', allTags.at(-1));
		t.is(changed.status, 200);
		allTags.push(String(changed.headers['etag']));
	}
	t.is(new Set(allTags).size, 3);
	await makeKey(server, jwt, id, 'newest');
	t.is((await ask('?limit=2', tag)).status, 200);
	// Rights come first.
	const refused = await server.call(path, {bearer: 'nobody', headers: {'If-None-Match': tag}});
	t.is(refused.status, 401);
});

test('whether another page follows belongs to what a tag stands for', async (t) => {
	const {id} = await makeOrganisation(server, jwt, 'team');
	const path = `/api/v1/organizations/${id}/api-keys?limit=1`;
	const first = await makeKey(server, jwt, id, 'one');
	const alone = await server.call(path, {bearer: jwt});
	t.is(alone.headers['link'], undefined);
	const database = connectDatabase(appliance.ownerDatabase, 'test');
	t.teardown(() => database.destroy());
	const second = await makeKey(server, jwt, id, 'two');
	await database.raw('update api_keys set created_at = ? where id = ?', [new Date(0), second.id]);
	const followed = await server.call(path, {
		bearer: jwt,
		headers: {'If-None-Match': String(alone.headers['etag'])},
	});
	t.is(followed.status, 200);
	t.like(followed.json(), [{id: first.id}]);
	t.regex(String(followed.headers['link']), /rel="next"/);
});
