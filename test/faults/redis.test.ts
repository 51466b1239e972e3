import test from 'ava';
import {Redis} from 'ioredis';
import {connectDatabase} from '../../core/db/connect.ts';
import {administrator, defaultOrganisation, makeKey, type Server} from '../helpers/appliance.ts';
import {
	createOwnServices,
	readyState,
	slowest,
	uncaught,
	volley,
	type OwnServices,
	type Timed,
} from '../helpers/faults.ts';
import {eventually, type Program} from '../helpers/program.ts';

/** The product's own bound is 1.5 s; what waits for the other side would take for ever. */
const answerWithinMs = 20_000;

let services: OwnServices;
let server: Server;
let worker: Program;
let jwt: string;
let key: {id: string; key: string};
let keysPath: string;
/** Checks of the key that were accepted, by the answers the callers got. */
let accepted = 0;

test.before(async () => {
	services = await createOwnServices();
	server = await services.appliance.startServer();
	worker = await services.appliance.startWorker({LATCHKEY_USAGE_FLUSH_MS: '500'});
	jwt = await server.logIn();
	const organisation = await defaultOrganisation(server, jwt);
	keysPath = `/api/v1/organizations/${organisation.id}/api-keys`;
	key = await makeKey(server, jwt, organisation.id);
});

test.after.always(() => services.appliance.stop());

test.afterEach((t) => {
	t.deepEqual([...uncaught(server), ...uncaught(worker)], []);
});

async function useKey() {
	const answer = await server.call('/api/v1/sources', {bearer: key.key});
	if (answer.status === 200) accepted++;
	return answer;
}

const everything = () => ({
	'a protected call': useKey,
	'another one': useKey,
	'a list of keys': () => server.call(keysPath, {bearer: jwt}),
	create: () => server.call(keysPath, {bearer: jwt, body: {name: 'during a fault'}}),
	'a refused key': () => server.call('/api/v1/sources', {bearer: `${key.key.slice(0, -1)}!`}),
	login: () => server.call('/api/v1/auth/login', {body: administrator}),
});
const wanted = [200, 200, 200, 201, 401, 200];

/** Every call is answered as if Redis were there; returns what was measured. */
async function assertUnharmed(t: {is: (a: unknown, b: unknown, m?: string) => unknown}) {
	const answers: Timed[] = [];
	for (let round = 0; round < 5; round++) {
		const some = await volley(round === 0 ? everything() : withoutLogin());
		for (const [i, {what, status, text}] of some.entries()) {
			t.is(status, wanted[i], `${what}: ${text}`);
		}
		answers.push(...some);
	}
	return slowest(answers);
}

function withoutLogin() {
	const {login: _, ...calls} = everything();
	return calls;
}

async function becomes(status: 'ready' | 'degraded') {
	await eventually(async () => (await readyState(server)).body.status === status, {
		what: `/readyz to say ${status}`,
	});
}

/** What PostgreSQL has counted comes to what the callers were told, and stays there. */
async function assertUsageComplete(t: {is: (a: unknown, b: unknown) => unknown}) {
	await eventually(async () => (await countedUses()) >= accepted, {
		what: `${accepted} uses to be counted`,
	});
	t.is(await countedUses(), accepted);
}

async function countedUses(): Promise<number> {
	const db = connectDatabase(services.appliance.database, 'test');
	try {
		const answer = await db.raw<{rows: {sum: string | null}[]}>(
			"select sum(count) from usage_hourly where key_id = ? and outcome = 'valid'",
			[key.id],
		);
		return Number(answer.rows[0]?.sum ?? 0);
	} finally {
		await db.destroy();
	}
}

test.serial('Redis stands still: nothing that a caller sees changes', async (t) => {
	await assertUnharmed(t);
	process.kill(services.redis.pid, 'SIGSTOP');
	try {
		const ms = await assertUnharmed(t);
		t.log(`slowest answer ${ms} ms`);
		t.true(ms < answerWithinMs);
		await becomes('degraded');
		const {status, body} = await readyState(server);
		t.is(status, 200);
		t.is(body.dependencies.redis.state, 'degraded');
		t.is((await server.call('/livez')).status, 200);
	} finally {
		process.kill(services.redis.pid, 'SIGCONT');
	}
	await becomes('ready');
	await assertUnharmed(t);
	await assertUsageComplete(t);
});

test.serial(
	'Redis is killed: nothing changes, and its data is settled when it is back',
	async (t) => {
		process.kill(services.redis.pid, 'SIGKILL');
		await becomes('degraded');
		const ms = await assertUnharmed(t);
		t.log(`slowest answer ${ms} ms`);
		t.true(ms < answerWithinMs);
		t.is((await readyState(server)).status, 200);
		await services.redis.start();
		await becomes('ready');
		await assertUsageComplete(t);
	},
);

test.serial('Redis loses its data: schedules and usage come back by themselves', async (t) => {
	await assertUnharmed(t);
	const redis = new Redis(services.redis.clientSettings);
	await redis.flushall();
	redis.disconnect();
	await assertUnharmed(t);
	await assertUsageComplete(t);
	await becomes('ready');
});

test.serial(
	'Redis is away for long: last use and counts go to PostgreSQL without it',
	async (t) => {
		await services.redis.stop();
		await becomes('degraded');
		await assertUnharmed(t);
		await assertUsageComplete(t);
		await services.redis.start();
		await becomes('ready');
		await assertUnharmed(t);
		await assertUsageComplete(t);
	},
);

test.serial(
	'server and worker end with 0 while Redis stands still, and lose no count',
	async (t) => {
		await assertUnharmed(t);
		process.kill(services.redis.pid, 'SIGSTOP');
		await assertUnharmed(t);
		const startedAt = performance.now();
		const took: string[] = [];
		const stop = async (program: Program, name: string) => {
			const code = await program.stop();
			took.push(`${name} ${Math.round(performance.now() - startedAt)} ms`);
			return code;
		};
		const codes = await Promise.all([stop(server, 'server'), stop(worker, 'worker')]);
		t.log(took.join(', '));
		t.deepEqual(codes, [0, 0]);
		t.is(await countedUses(), accepted);
		process.kill(services.redis.pid, 'SIGCONT');
	},
);
