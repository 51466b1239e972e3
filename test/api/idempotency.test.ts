import {randomUUID} from 'node:crypto';
import {setTimeout as delay} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import type {Knex} from 'knex';
import {createdKey, type Key} from '../../contract/keys.ts';
import type {ServiceAccount} from '../../contract/service-accounts.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {
	administrator,
	createAppliance,
	makeMember,
	makeOrganisation,
	type Appliance,
	type Server,
} from '../helpers/appliance.ts';
import {entriesOf} from '../helpers/audit.ts';
import type {Answer} from '../helpers/http.ts';
import {eventually} from '../helpers/program.ts';

let appliance: Appliance;
let server: Server;
let jwt: string;
let db: Knex;

test.before(async () => {
	appliance = await createAppliance();
	server = await appliance.startServer();
	jwt = await server.logIn();
	db = connectDatabase(appliance.database, 'test');
});

test.after.always(async () => {
	await db?.destroy();
	await appliance?.stop();
});

type Asked = {
	to?: Server;
	bearer?: string;
	key?: string | string[];
	body?: unknown;
	method?: string;
};

/** An organisation of its own, and what creates keys in it. */
async function ownKeys() {
	const {id} = await makeOrganisation(server, jwt, 'team');
	const path = `/api/v1/organizations/${id}`;
	const create = ({to = server, bearer = jwt, key, body = {name: 'a key'}}: Asked = {}) =>
		to.call(`${path}/api-keys`, {
			bearer,
			body,
			...(key !== undefined && {headers: {'Idempotency-Key': key}}),
		});
	const count = async () =>
		((await server.call(`${path}/api-keys`, {bearer: jwt})).json() as Key[]).length;
	return {id, path, create, count};
}

/** That an answer is another one to the byte, and says that it was given before. */
function isReplay(t: ExecutionContext, again: Answer, first: Answer): void {
	t.is(again.status, 201, again.text);
	t.is(again.text, first.text);
	t.is(again.headers['idempotency-replayed'], 'true');
	t.is(again.headers['content-type'], first.headers['content-type']);
	t.is(again.headers['cache-control'], 'no-store');
	t.not(again.headers['request-id'], first.headers['request-id']);
}

test('the same request again is the same answer to the byte, and makes nothing', async (t) => {
	const {id, path, create, count} = await ownKeys();
	await server.call(`${path}/webhooks`, {
		bearer: jwt,
		body: {url: 'https://hooks.example.com/', event_types: ['key.created']},
	});
	const key = randomUUID();
	const first = await create({key});
	t.is(first.status, 201);
	t.is(first.headers['idempotency-replayed'], undefined);
	createdKey.parse(first.json());
	const written = async () => ({
		entries: (await entriesOf(db, id)).length,
		events: (await db('events').where({organisation_id: id})).length,
	});
	const before = await written();
	t.is(before.events, 1);
	isReplay(t, await create({key}), first);
	isReplay(t, await create({key}), first);
	t.is(await count(), 1);
	t.deepEqual(await written(), before);
	const secret = createdKey.parse(first.json()).key;
	t.is((await server.call('/api/v1/sources', {bearer: secret})).status, 200);
});

test('without the header each request makes a key', async (t) => {
	const {create, count} = await ownKeys();
	const answers = [await create(), await create()];
	t.not(answers[0]?.text, answers[1]?.text);
	t.is(await count(), 2);
	t.is(answers[1]?.headers['idempotency-replayed'], undefined);
});

test('another request under the same header is refused, and the first is answered as before', async (t) => {
	const {create, count} = await ownKeys();
	const key = randomUUID();
	const first = await create({key});
	for (const body of [
		{name: 'another'},
		'{"name": "a key"}',
		{name: 'a key', expires_at: '2090-01-01T00:00:00Z'},
	]) {
		const refused = await create({key, body});
		t.is(refused.status, 422);
		t.is(refused.text, '{"error":"This Idempotency-Key was used for another request"}');
		t.is(refused.headers['latchkey-error-code'], 'idempotency_mismatch');
	}
	isReplay(t, await create({key}), first);
	t.is(await count(), 1);
});

test('a header that is not 1 to 255 visible ASCII characters, or comes twice, is refused by name', async (t) => {
	const {create, count} = await ownKeys();
	for (const key of ['', ' ', 'a b', 'a\tb', 'ä', 'x'.repeat(256)]) {
		const refused = await create({key});
		t.is(refused.status, 400, key);
		t.is(
			refused.text,
			'{"error":"Idempotency-Key must be 1 to 255 visible ASCII characters"}',
			key,
		);
	}
	for (const key of [
		['a', 'b'],
		['a', 'a'],
	]) {
		const refused = await create({key});
		t.is(refused.status, 400);
		t.is(refused.text, '{"error":"Idempotency-Key must be sent once"}');
	}
	const named = await server.call('/api/v1/organizations', {bearer: jwt});
	t.is(named.status, 200);
	t.is(await count(), 0);
	for (const key of ['x', '~'.repeat(255), '"8e03978e-40d5-43dd-bc93-6894a57f9324"', '!,;']) {
		t.is((await create({key})).status, 201, key);
	}
});

test('who may not create is told so first, whatever the header', async (t) => {
	const {id, create} = await ownKeys();
	const viewer = await server.logIn(await makeMember(appliance.database, id, 'viewer'));
	t.is((await create({key: '', bearer: viewer})).status, 403);
	t.is((await create({key: '', bearer: 'nonsense'})).status, 401);
});

test('elsewhere the header is ignored, as HTTP has it', async (t) => {
	const {path} = await ownKeys();
	for (const key of ['', 'a b', randomUUID()]) {
		const headers = {'Idempotency-Key': key};
		const made = [0, 1].map(() =>
			server.call('/api/v1/sources', {bearer: jwt, body: {name: 's', type: 'x'}, headers}),
		);
		const [one, two] = await Promise.all(made);
		t.deepEqual([one?.status, two?.status], [201, 201]);
		t.not(one?.text, two?.text);
		t.is((await server.call(`${path}/api-keys`, {bearer: jwt, headers})).status, 200);
	}
});

test('a header is of one caller, organisation and endpoint: for others it is another one', async (t) => {
	const {id, path, create, count} = await ownKeys();
	const other = await ownKeys();
	const colleague = await server.logIn(await makeMember(appliance.database, id, 'admin'));
	const made = await server.call(`${path}/service-accounts`, {
		bearer: jwt,
		body: {name: 'CI', role: 'developer'},
	});
	const {id: machineId} = made.json() as ServiceAccount;
	const secret = await server.call(`${path}/service-accounts/${machineId}/secrets`, {
		bearer: jwt,
		body: {},
	});
	const {client_secret: clientSecret} = secret.json() as {client_secret: string};
	const token = await server.call('/oauth2/token', {
		headers: {'Content-Type': 'application/x-www-form-urlencoded'},
		body: `grant_type=client_credentials&client_id=${machineId}&client_secret=${clientSecret}`,
	});
	const {access_token: machine} = token.json() as {access_token: string};
	const key = randomUUID();
	const answers = [
		await create({key}),
		await create({key, bearer: colleague}),
		await create({key, bearer: machine}),
		await other.create({key}),
	];
	t.is(new Set(answers.map(({text}) => text)).size, 4);
	t.true(answers.every((answer) => answer.headers['idempotency-replayed'] === undefined));
	t.is(await count(), 3);
	// Another session of the same person is the same caller.
	isReplay(t, await create({key, bearer: await server.logIn()}), answers[0] as Answer);
	isReplay(t, await create({key, bearer: machine}), answers[2] as Answer);
});

test('only what was done is kept: a refusal is decided about anew', async (t) => {
	const {path, create, count} = await ownKeys();
	const key = randomUUID();
	t.is((await create({key, body: {name: ''}})).status, 400);
	t.is((await create({key, body: {name: 'a', expires_at: '2020-01-01T00:00:00Z'}})).status, 400);
	await server.call(path, {method: 'PATCH', bearer: jwt, body: {plan: 'free'}});
	t.is((await create({key})).status, 403);
	await server.call(path, {method: 'PATCH', bearer: jwt, body: {plan: 'team'}});
	const first = await create({key});
	t.is(first.status, 201);
	t.is(first.headers['idempotency-replayed'], undefined);
	t.is(await count(), 1);
});

test('what failed leaves nothing: the same request again makes the change', async (t) => {
	const {id, create, count} = await ownKeys();
	const owner = connectDatabase(appliance.ownerDatabase, 'test');
	t.teardown(() => owner.destroy());
	// After the key is written, and before its transaction ends.
	await owner.raw(`
		create function fail_once() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
		create trigger fail_once after update of answer on idempotency_keys
			for each row when (new.organisation_id = '${id}') execute function fail_once()`);
	const key = randomUUID();
	const failed = await create({key});
	t.is(failed.status, 500);
	t.is(failed.text, '{"error":"Failed to create API key"}');
	t.is(await count(), 0);
	t.deepEqual(await db('idempotency_keys').where({organisation_id: id}), []);
	await owner.raw('drop trigger fail_once on idempotency_keys; drop function fail_once()');
	const first = await create({key});
	t.is(first.headers['idempotency-replayed'], undefined);
	isReplay(t, await create({key}), first);
	t.is(await count(), 1);
	const actions = (await entriesOf(db, id)).map(({action}) => action);
	t.is(actions.filter((action) => action === 'key.created').length, 1);
});

test('what was answered is answered when the key has expired or was revoked since', async (t) => {
	const {path, create} = await ownKeys();
	const key = randomUUID();
	const soon = new Date(Math.ceil(Date.now() / 1000) * 1000 + 2000).toISOString();
	const body = {name: 'short', expires_at: soon.replace('.000', '')};
	const first = await create({key, body});
	t.is(first.status, 201, first.text);
	await eventually(() => Date.now() > Date.parse(soon) + 100);
	isReplay(t, await create({key, body}), first);
	const {id} = first.json() as Key;
	const revoked = await server.call(`${path}/api-keys/${id}`, {method: 'DELETE', bearer: jwt});
	t.is(revoked.status, 200);
	isReplay(t, await create({key, body}), first);
});

test('who lost the right gets no stored answer', async (t) => {
	const {id, create, path} = await ownKeys();
	const member = await makeMember(appliance.database, id, 'developer');
	const bearer = await server.logIn(member);
	const key = randomUUID();
	const first = await create({key, bearer});
	t.is(first.status, 201);
	const user = await db('users').where({email: member.email}).first('id');
	const membership = `${path}/members/${user?.id}`;
	const role = (to: string) =>
		server.call(membership, {method: 'PATCH', bearer: jwt, body: {role: to}});
	t.is((await role('viewer')).status, 200);
	t.is((await create({key, bearer})).status, 403);
	t.is((await role('developer')).status, 200);
	isReplay(t, await create({key, bearer}), first);
	await server.call(path, {method: 'PATCH', bearer: jwt, body: {plan: 'free'}});
	t.is((await create({key, bearer})).status, 403);
	await server.call(path, {method: 'PATCH', bearer: jwt, body: {plan: 'team'}});
	t.is((await server.call(membership, {method: 'DELETE', bearer: jwt})).status, 200);
	t.is((await create({key, bearer})).status, 401);
});

test.serial('fifty at once on two servers make one key, and are answered alike', async (t) => {
	const second = await appliance.startServer();
	const {id, create, count} = await ownKeys();
	for (let round = 0; round < 4; round++) {
		const key = randomUUID();
		const answers = await Promise.all(
			Array.from({length: 50}, (_, n) =>
				untilAnswered(() => create({key, to: n % 2 === 0 ? server : second})),
			),
		);
		t.deepEqual(new Set(answers.map(({status}) => status)), new Set([201]));
		t.is(new Set(answers.map(({text}) => text)).size, 1);
		t.is(answers.filter((one) => one.headers['idempotency-replayed'] === undefined).length, 1);
		t.is(await count(), round + 1);
	}
	const created = (await entriesOf(db, id)).filter(({action}) => action === 'key.created');
	t.is(created.length, 4);
});

test.serial(
	'while one is being worked on, another one waits a while, and then is told so',
	async (t) => {
		const {id, create, count} = await ownKeys();
		const key = randomUUID();
		const first = await create({key});
		// A change of the row that is not committed is what a request under way looks like.
		const underWay = await db.transaction();
		await underWay('idempotency_keys').where({organisation_id: id}).delete();
		const startedAt = performance.now();
		const refused = await create({key});
		t.true(performance.now() - startedAt > 400);
		t.is(refused.status, 409);
		t.is(refused.text, '{"error":"A request with this Idempotency-Key is still being worked on"}');
		t.is(refused.headers['latchkey-error-code'], 'idempotency_in_progress');
		t.is(refused.headers['retry-after'], '1');
		const waiting = create({key});
		await eventually(() => isWaitedFor('with written as'));
		await underWay.rollback();
		isReplay(t, await waiting, first);
		t.is(await count(), 1);
	},
);

test.serial(
	'where the one that is waited for comes to nothing, the next one makes the change',
	async (t) => {
		const {id, create, count} = await ownKeys();
		const key = randomUUID();
		await create({key});
		const underWay = await db.transaction();
		await underWay('idempotency_keys').where({organisation_id: id}).delete();
		const waiting = create({key});
		await eventually(() => isWaitedFor('with written as'));
		await underWay.commit();
		t.is((await waiting).headers['idempotency-replayed'], undefined);
		isReplay(t, await create({key}), await waiting);
		t.is(await count(), 2);
	},
);

test.serial(
	'only the one before it is waited for so shortly, not a change of rights',
	async (t) => {
		const {create} = await ownKeys();
		const key = randomUUID();
		const first = await create({key});
		const underWay = await db.transaction();
		await underWay('users').where({email: administrator.email}).forUpdate().select('id');
		const again = create({key});
		await eventually(() => isWaitedFor('%users%'));
		await delay(800);
		t.true(await isWaitedFor('%users%'));
		await underWay.rollback();
		isReplay(t, await again, first);
	},
);

/** As a client does that is told to try again: a machine may be ten times as busy as today. */
async function untilAnswered(ask: () => Promise<Answer>): Promise<Answer> {
	for (;;) {
		const answer = await ask();
		if (answer.headers['retry-after'] === undefined) return answer;
		await delay(1000);
	}
}

/** Whether a statement of this text waits for a lock. */
async function isWaitedFor(text: string): Promise<boolean> {
	const {rows} = await db.raw<{rows: unknown[]}>(
		"select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like ?",
		[`${text}%`],
	);
	return rows.length > 0;
}

test('after a day the header is a new one, also before the old row is pruned', async (t) => {
	const {id, create, count} = await ownKeys();
	const key = randomUUID();
	const first = await create({key});
	const grow = (hours: number) =>
		db('idempotency_keys')
			.where({organisation_id: id})
			.update({created_at: db.raw("now() - ? * interval '1 hour'", [hours])} as never);
	await grow(23.9);
	isReplay(t, await create({key}), first);
	await grow(24.1);
	const second = await create({key, body: {name: 'quite another'}});
	t.is(second.status, 201);
	t.is(second.headers['idempotency-replayed'], undefined);
	isReplay(t, await create({key, body: {name: 'quite another'}}), second);
	t.is(await count(), 2);
	t.is((await db('idempotency_keys').where({organisation_id: id})).length, 1);
});

test('a body that comes later counts as it came', async (t) => {
	const {create} = await ownKeys();
	const key = randomUUID();
	const first = await create({key});
	isReplay(t, await create({key, body: Buffer.from('{"name":"a key"}')}), first);
});
