import test, {type ExecutionContext} from 'ava';
import {Redis} from 'ioredis';
import type {Knex} from 'knex';
import type {KeyLimitsState} from '../../contract/key-limits.ts';
import type {FullVerification} from '../../contract/verification.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {makeKey, makeOrganisation, patiently, type Server} from '../helpers/appliance.ts';
import {
	createOwnServices,
	untilLimitsAreDivided,
	readyState,
	uncaught,
	type OwnServices,
} from '../helpers/faults.ts';
import {eventually} from '../helpers/program.ts';

/* Limits and quotas on three servers, while Redis stands still, is killed or emptied. */

const fleetSize = 3;

let services: OwnServices;
let fleet: Server[];
let jwt: string;
let db: Knex;

test.before(async () => {
	services = await createOwnServices();
	fleet = [];
	for (let i = 0; i < fleetSize; i++) fleet.push(await startServer());
	jwt = await first().logIn();
	db = connectDatabase(services.appliance.database, 'test');
});

test.after.always(async () => {
	await db.destroy();
	await services.appliance.stop();
});

test.afterEach((t) => {
	t.deepEqual(fleet.flatMap(uncaught), []);
});

/** Each of them waits for a Redis that stands still once. */
function startServer(): Promise<Server> {
	return services.appliance.startServer({LATCHKEY_LIMITS_TIMEOUT_MS: '500'});
}

function first(): Server {
	const [server] = fleet;
	if (server === undefined) throw new Error('no server');
	return server;
}

type Made = {id: string; key: string; organisation: string; path: string};

async function make(t: ExecutionContext, terms: object, policy?: object): Promise<Made> {
	const {id: organisation} = await makeOrganisation(first(), jwt, 'team');
	const root = `/api/v1/organizations/${organisation}`;
	if (policy !== undefined) {
		const changed = await first().call(`${root}/key-policy`, {
			method: 'PATCH',
			bearer: jwt,
			body: policy,
		});
		t.is(changed.status, 200, changed.text);
	}
	const path = `${root}/api-keys`;
	const answer = await patiently(() =>
		first().call(path, {bearer: jwt, body: {name: 'limited', ...terms}}),
	);
	t.is(answer.status, 201, answer.text);
	return {...(answer.json() as {id: string; key: string}), organisation, path};
}

/** So many uses at once, spread over the servers. @returns how many were let in */
async function use({key}: Made, times: number): Promise<number> {
	const statuses = await Promise.all(
		Array.from({length: times}, async (_each, i) => {
			const server = fleet[i % fleet.length] ?? first();
			return (await server.call('/api/v1/forward-auth', {bearer: key})).status;
		}),
	);
	if (statuses.some((status) => status !== 200 && status !== 429)) {
		throw new Error(`answers ${[...new Set(statuses)].join()}`);
	}
	return statuses.filter((status) => status === 200).length;
}

/** How limits are, as one server tells; nothing is taken of them. */
async function tell({path, id}: Made, server = first()): Promise<KeyLimitsState> {
	const answer = await patiently(() => server.call(`${path}/${id}/limits`, {bearer: jwt}));
	return answer.json() as KeyLimitsState;
}

/** What PostgreSQL knows of a quota is so much: who cannot ask Redis goes by it. */
async function isWritten({organisation}: Made, counted: number): Promise<void> {
	await eventually(
		async () => {
			const {rows} = await db.raw<{rows: {counted: string}[]}>(
				'select counted from quota_usage where organisation_id = ?',
				[organisation],
			);
			return Number(rows[0]?.counted) === counted;
		},
		{what: `${counted} to be written`},
	);
}

async function usedOf(made: Made, server = first()): Promise<number | undefined> {
	const {quotas, limits_source: source} = await tell(made, server);
	return source === 'redis' ? quotas?.[0]?.used : undefined;
}

/** Redis decides again on every server, by the answer of each. */
async function redisDecides(made: Made): Promise<void> {
	for (const server of fleet) {
		await eventually(async () => (await tell(made, server)).limits_source === 'redis', {
			what: 'Redis to decide again',
		});
	}
}

/** Few enough that none comes back while the test goes on. */
const thirty = {name: 'thirty', limit: 30, window_seconds: 2_592_000};

test.serial('Redis stands still: all servers together let no more in than the limit', async (t) => {
	const made = await make(t, {rate_limits: [thirty]});
	const free = await make(t, {});
	t.is(await use(made, 6), 6);
	await untilLimitsAreDivided(fleet);
	process.kill(services.redis.pid, 'SIGSTOP');
	try {
		const begun = performance.now();
		let accepted = await use(made, 3);
		t.log(`first answers after ${Math.round(performance.now() - begun)} ms`);
		for (let i = 0; i < 10; i++) accepted += await use(made, 12);
		t.is(accepted, 30, 'a share of ten each, and none comes back');
		t.is(await use(free, 30), 30, 'keys without limits do not notice');
		const {limits_source: source, rate_limits: limits} = await tell(made);
		t.is(source, 'local');
		t.like(limits[0], {name: 'thirty', remaining: 0});
		const {status, body} = await readyState(first());
		t.is(status, 200);
		t.regex(body.dependencies.redis.detail ?? '', /each server keeps its share/);
		const {text} = await first().call('/metrics');
		t.true(text.includes('\nlatchkey_limits_redis_away 1\n'));
		t.regex(text, /\nlatchkey_limits_without_redis_total\{decision="local"\} [1-9]/);
	} finally {
		process.kill(services.redis.pid, 'SIGCONT');
	}
	await redisDecides(made);
	const left = await use(made, 60);
	// The first three were on their way: Redis may still have taken them.
	t.true(left <= 24 && left >= 24 - 3, `${left} of the 24 that Redis knew to be left`);
});

test.serial('as the key policy says: refused, or not limited, while Redis is away', async (t) => {
	const terms = {rate_limits: [{...thirty, limit: 3}], quota: {limit: 3, period: 'month'}};
	const strict = await make(t, terms, {when_redis_is_away: 'refuse'});
	const loose = await make(t, terms, {when_redis_is_away: 'allow'});
	const free = await make(t, {}, {when_redis_is_away: 'refuse'});
	const barred = await make(t, {...terms, scopes: []}, {when_redis_is_away: 'refuse'});
	const verify = async ({key, organisation}: Made, more: object) => {
		const headers = {'Latchkey-Organization': organisation};
		const options = {bearer: jwt, headers, body: {key, ...more}};
		const {status, json} = await first().call('/api/v1/keys/verify', options);
		return status === 200 ? (json() as FullVerification) : status;
	};
	const asker = await makeKey(first(), jwt, strict.organisation);
	t.is((await first().call('/api/v1/keys/self', {bearer: asker.key})).status, 200);
	const validChecks = async () => {
		const {text} = await first().call('/metrics');
		return Number(/^latchkey_key_checks_total\{outcome="valid"\} (\d+)$/m.exec(text)?.[1]);
	};
	await untilLimitsAreDivided(fleet);
	process.kill(services.redis.pid, 'SIGSTOP');
	try {
		const before = await validChecks();
		const about = {bearer: asker.key, body: {key: strict.key}};
		t.is((await first().call('/api/v1/keys/verify', about)).status, 503);
		t.is(await validChecks(), before + 1, 'who asks has been checked once');
		for (const server of fleet) {
			for (const path of ['/api/v1/forward-auth', '/api/v1/sources']) {
				const answer = await server.call(path, {bearer: strict.key});
				t.is(answer.status, 503, answer.text);
				t.is(answer.text, '{"error":"Service temporarily unavailable"}');
				t.is(answer.headers['retry-after'], '1');
			}
			const self = await server.call('/api/v1/keys/self', {bearer: strict.key});
			t.is(self.status, 200, 'a key may ask about itself');
		}
		t.is(await use(loose, 30), 30);
		t.is((await tell(loose)).limits_source, 'none');
		t.is(await use(free, 12), 12);
		const own = [{name: 'own', limit: 1, window_seconds: 3600}];
		t.is(await verify(free, {limits: own}), 503, 'what a caller keeps for it is a limit, too');
		t.like(await verify(loose, {dry_run: true}), {code: 'VALID', limits_source: 'none'});
		t.is(await verify(strict, {dry_run: true}), 503);
		for (const more of [{}, {dry_run: true}]) {
			const refused = await verify(barred, {scopes: 'a', ...more});
			t.like(refused, {code: 'INSUFFICIENT_SCOPE', limits_source: null});
		}
	} finally {
		process.kill(services.redis.pid, 'SIGCONT');
	}
	await redisDecides(strict);
	await redisDecides(loose);
	const used = (await usedOf(loose)) ?? 0;
	t.true(
		used >= 30 && used <= 30 + 30,
		`${used}: what was let in is added, what was on its way perhaps twice`,
	);
});

test.serial('a quota goes on while Redis stands still, and is whole afterwards', async (t) => {
	const made = await make(t, {quota: {limit: 90, period: 'month'}});
	t.is(await use(made, 30), 30);
	await untilLimitsAreDivided(fleet);
	await isWritten(made, 30);
	process.kill(services.redis.pid, 'SIGSTOP');
	let accepted = 0;
	try {
		for (let i = 0; i < 10; i++) accepted += await use(made, 12);
		t.is(accepted, 60, 'a share of twenty each');
	} finally {
		process.kill(services.redis.pid, 'SIGCONT');
	}
	await redisDecides(made);
	const used = (await usedOf(made)) ?? 0;
	// The first twelve were on their way: Redis may have counted them besides.
	t.true(used >= 90 && used <= 90 + 12, `${used} used of 90`);
	t.is(await use(made, 30), 0);
});

test.serial(
	'a spent quota stays spent when Redis is emptied, and servers are killed',
	async (t) => {
		const made = await make(t, {quota: {limit: 30, period: 'month'}});
		await untilLimitsAreDivided(fleet);
		t.is(await use(made, 45), 30);
		t.is(await use(made, 9), 0, 'every server has seen that it is spent');
		const redis = new Redis(services.redis.clientSettings);
		await redis.flushall();
		t.is(await use(made, 45), 0);
		// Once PostgreSQL knows, nobody else has to.
		await isWritten(made, 30);
		for (const server of fleet.splice(0)) {
			server.kill('SIGKILL');
			await server.exited;
		}
		await redis.flushall();
		redis.disconnect();
		for (let i = 0; i < fleetSize; i++) fleet.push(await startServer());
		t.is(await use(made, 45), 0);
		t.is(await usedOf(made), 30);
	},
);

test.serial('Redis is killed while a quota is spent, and comes back empty', async (t) => {
	const made = await make(t, {quota: {limit: 300, period: 'month'}});
	await untilLimitsAreDivided(fleet);
	t.is(await use(made, 60), 60);
	await isWritten(made, 60);
	process.kill(services.redis.pid, 'SIGKILL');
	t.is(await use(made, 30), 30);
	await services.redis.start();
	const redis = new Redis(services.redis.clientSettings);
	await redis.flushall();
	redis.disconnect();
	await redisDecides(made);
	t.is(await usedOf(made), 90, 'each use is counted once, by whoever let it in');
	let accepted = 0;
	for (let i = 0; i < 6; i++) accepted += await use(made, 60);
	t.is(accepted, 210);
});
