import {Redis} from 'ioredis';
import test, {type ExecutionContext} from 'ava';
import {keyLimitsState, type KeyLimitsState} from '../../contract/key-limits.ts';
import {keyDetail} from '../../contract/keys.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {
	createAppliance,
	makeMember,
	makeOrganisation,
	onServices,
	patiently,
} from '../helpers/appliance.ts';
import type {CallOptions} from '../helpers/http.ts';
import {eventually} from '../helpers/program.ts';
import {createDatabase, createRedis} from '../helpers/services.ts';

const redis = await createRedis();
const appliance = await createAppliance(onServices(await createDatabase(), redis));
/** A Redis that stands still is not waited for longer than that. */
const env = {LATCHKEY_LIMITS_TIMEOUT_MS: '1000'};
const [server, other] = await Promise.all([appliance.startServer(env), appliance.startServer(env)]);
const db = connectDatabase(appliance.database, 'test');
const jwt = await server.logIn();

test.after.always(async () => {
	await db.destroy();
	await appliance.stop();
});

async function make(t: ExecutionContext, terms: object) {
	const {id: organisation} = await makeOrganisation(server, jwt, 'team');
	const path = `/api/v1/organizations/${organisation}/api-keys`;
	const made = await patiently(() =>
		server.call(path, {bearer: jwt, body: {name: 'counted', ...terms}}),
	);
	t.is(made.status, 201, made.text);
	const {id, key} = made.json() as {id: string; key: string};
	return {
		id,
		key,
		organisation,
		path: `${path}/${id}`,
		change: (body: object, options: CallOptions = {}) =>
			server.call(`${path}/${id}/quota`, {bearer: jwt, body, ...options}),
		use: (at = server) => at.call('/api/v1/sources', {bearer: key}),
		limits: async (at = server): Promise<KeyLimitsState> => {
			const answer = await at.call(`${path}/${id}/limits`, {bearer: jwt});
			return keyLimitsState.parse(answer.json());
		},
		show: async () => {
			const answer = await server.call(`${path}/${id}`, {bearer: jwt});
			return keyDetail.parse(answer.json());
		},
	};
}

/** What each use has to go by: the remaining uses that its answer tells of. */
const left = (answer: {headers: Record<string, unknown>}) =>
	/"quota";r=(\d+)/.exec(String(answer.headers['ratelimit']))?.[1];

const total = (limit: number) => ({quota: {limit, period: 'total'}});

test.serial(
	'what was used is set and added to by hand, and every server goes by it when that is answered',
	async (t) => {
		const {change, use} = await make(t, total(10));
		for (let i = 0; i < 3; i++) t.is((await use(i % 2 ? other : server)).status, 200);

		const set = await change({set: 9});
		t.is(set.status, 200, set.text);
		t.is(set.text, '{"used":9,"limit":10,"resets_at":null}');
		t.regex(String(set.headers['latchkey-revocation']), /^verifiers=2; ms=\d+$/);
		t.is(left(await use(other)), '0');
		t.is((await use(server)).status, 429);
		t.is((await use(other)).headers['latchkey-error-code'], 'quota_exceeded');

		t.deepEqual((await change({add: -4})).json(), {used: 6, limit: 10, resets_at: null});
		t.is(left(await use(server)), '3');
		t.deepEqual((await change({add: 2})).json(), {used: 9, limit: 10, resets_at: null});
		t.deepEqual((await change({add: -100})).json(), {used: 0, limit: 10, resets_at: null});
		t.is(left(await use(other)), '9', 'never below 0');
		t.deepEqual((await change({set: 0})).json(), {used: 0, limit: 10, resets_at: null});
		t.is(left(await use(server)), '9');
		t.deepEqual((await change({set: 50})).json(), {used: 50, limit: 10, resets_at: null});
		t.is((await use(other)).status, 429);
	},
);

test.serial(
	'a quota that was set back is not used up again by a Redis that was emptied',
	async (t) => {
		const {change, use, show} = await make(t, total(10));
		for (let i = 0; i < 8; i++) await use();
		t.is((await change({set: 1})).status, 200);
		await eventually(async () => (await show()).quota_used === 1);
		const client = new Redis(redis.clientSettings);
		await client.flushall();
		client.disconnect();
		t.is(left(await use(other)), '8');
		t.is(left(await use(server)), '7');
	},
);

test.serial('the change is on record, and one that changes nothing is not', async (t) => {
	const {change, id, organisation} = await make(t, total(10));
	await change({set: 4});
	const again = await change({set: 4});
	t.is(again.status, 200);
	t.regex(String(again.headers['latchkey-revocation']), /^verifiers=2;/);
	await change({add: 0});
	const rows = await db('audit_entries')
		.where({chain: organisation, action: 'key.quota_changed', target_id: id})
		.select('content');
	t.is(rows.length, 1);
	t.like((JSON.parse(rows[0]?.content ?? '') as {details: object}).details, {
		used: 4,
		previous_used: 0,
		limit: 10,
		resets_at: null,
	});
});

test.serial('an addition that is sent again with its Idempotency-Key is made once', async (t) => {
	const {change, limits} = await make(t, total(100));
	const headers = {'Idempotency-Key': 'add-once'};
	const answers = await Promise.all(
		Array.from({length: 5}, () => patiently(() => change({add: 7}, {headers}))),
	);
	for (const answer of answers) {
		t.deepEqual(answer.json(), {used: 7, limit: 100, resets_at: null});
		t.regex(String(answer.headers['latchkey-revocation']), /^verifiers=2;/);
	}
	t.is((await limits()).quotas[0]?.used, 7);
	t.is((await change({add: 8}, {headers})).status, 422);
});

test.serial('changes that are asked for at once are all made', async (t) => {
	const {change, limits} = await make(t, total(1000));
	const answers = await Promise.all(Array.from({length: 20}, () => change({add: 3})));
	t.deepEqual(new Set(answers.map(({status}) => status)), new Set([200]));
	t.is((await limits(other)).quotas[0]?.used, 60);
});

test.serial('all keys of a chain use one quota, whichever of them it is changed by', async (t) => {
	const first = await make(t, total(10));
	await first.use();
	const rotated = await server.call(`${first.path}/rotate`, {bearer: jwt, body: {}});
	t.is(rotated.status, 201, rotated.text);
	const next = rotated.json() as {id: string; key: string; quota_used: number};
	const path = first.path.replace(first.id, next.id);
	const set = await server.call(`${path}/quota`, {bearer: jwt, body: {set: 10}});
	t.is(set.status, 200, set.text);
	for (const key of [first.key, next.key]) {
		for (const at of [server, other]) {
			t.is((await at.call('/api/v1/sources', {bearer: key})).status, 429);
		}
	}
	t.is((await first.change({set: 0})).status, 200);
	t.is((await other.call('/api/v1/sources', {bearer: next.key})).status, 200);
});

test.serial('what cannot be changed says why, and changes nothing', async (t) => {
	const {change, limits, organisation, path} = await make(t, total(10));
	const refusals: [body: object, text: string][] = [
		[{}, 'set is required, or add'],
		[{set: 1, add: 1}, 'add must not be there beside set'],
		[{set: -1}, 'set must be a whole number from 0 to 1000000000000'],
		[{set: 1.5}, 'set must be a whole number from 0 to 1000000000000'],
		[{set: null}, 'set must be a whole number from 0 to 1000000000000'],
		[{add: 10 ** 12 + 1}, 'add must be a whole number from -1000000000000 to 1000000000000'],
		[{add: '1'}, 'add must be a whole number from -1000000000000 to 1000000000000'],
		[{set: 1, used: 1}, 'Unknown member: used'],
	];
	for (const [body, text] of refusals) {
		t.like(await change(body), {status: 400, text: JSON.stringify({error: text})});
	}
	t.is((await limits()).quotas[0]?.used, 0);
	t.is((await change({set: 10 ** 12})).status, 200);
	t.like(await change({add: 1}), {
		status: 400,
		text: '{"error":"add must not make it more than 1000000000000"}',
	});
	const developer = await makeMember(appliance.database, organisation, 'developer');
	const token = await server.logIn(developer);
	const denied = await server.call(`${path}/quota`, {bearer: token, body: {set: 0}});
	t.is(denied.headers['latchkey-error-code'], 'role_required');

	const plain = await make(t, {});
	t.like(await plain.change({set: 0}), {status: 409, text: '{"error":"The API key has no quota"}'});
	await server.call(path, {method: 'DELETE', bearer: jwt});
	const revoked = await change({set: 0});
	t.is(revoked.headers['latchkey-error-code'], 'key_revoked');
	const unknown = `${path.slice(0, -4)}0000/quota`;
	t.is((await server.call(unknown, {bearer: jwt, body: {set: 0}})).status, 404);
});

test.serial(
	'limits are told with what is left of each, and nothing is taken of them',
	async (t) => {
		const {limits, use, show} = await make(t, {
			rate_limits: [
				{name: 'burst', limit: 5, window_seconds: 3600},
				{name: 'writes', limit: 10, window_seconds: 3600, burst: 2, auto: false},
			],
			quota: {limit: 100, period: 'month'},
		});
		const full = await limits();
		t.deepEqual(full.rate_limits, [
			{name: 'burst', limit: 5, window_seconds: 3600, burst: 5, remaining: 5, reset_seconds: 0},
			{name: 'writes', limit: 10, window_seconds: 3600, burst: 2, remaining: 2, reset_seconds: 0},
		]);
		t.is(full.limits_source, 'redis');
		const [quota] = full.quotas;
		t.like(quota, {name: 'quota', used: 0, limit: 100, period: 'month', remaining: 100});
		t.true(Date.parse(String(quota?.resets_at)) > Date.now());
		for (let i = 0; i < 5; i++) await use();
		for (const at of [server, other, server]) {
			const now = await limits(at);
			t.is(now.rate_limits[0]?.remaining, 0);
			t.is(now.rate_limits[1]?.remaining, 2);
			t.like(now.quotas[0], {used: 5, remaining: 95});
		}
		t.is((await use()).status, 429);
		const shown = await eventually(async () => {
			const detail = await show();
			return detail.quota_used === 5 && detail;
		});
		t.is(shown.quota_resets_at, quota?.resets_at ?? null);

		const plain = await make(t, {});
		t.deepEqual(await plain.limits(), {rate_limits: [], quotas: [], limits_source: null});
		t.like(await plain.show(), {quota_used: null, quota_resets_at: null});
	},
);

test.serial(
	'while Redis is away nothing is changed, and what is left is told by the server itself',
	async (t) => {
		const {change, limits, use} = await make(t, total(10));
		await use();
		process.kill(redis.pid, 'SIGSTOP');
		try {
			const away = await change({set: 9});
			t.is(away.status, 503, away.text);
			t.is(away.headers['latchkey-error-code'], 'unavailable');
			t.like(await limits(), {limits_source: 'local', quotas: [{used: 1}]});
		} finally {
			process.kill(redis.pid, 'SIGCONT');
		}
		const back = await eventually(async () => {
			const now = await limits();
			return now.limits_source === 'redis' && now;
		});
		t.is(back.quotas[0]?.used, 1);
		t.is((await change({set: 9})).status, 200);
		t.is(left(await use(other)), '0');
	},
);
