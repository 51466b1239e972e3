import test from 'ava';
import {createLog} from '../../core/log.ts';
import {connectRedis, connectRedisForQueues} from '../../core/redis/connect.ts';
import {eventually, startProgram} from '../helpers/program.ts';
import {createSentinels, type TestSentinels} from '../helpers/redis-sentinel.ts';
import {createRedisWorld, type RedisWorld} from './world.ts';

/*
A Redis that leads, one that follows, and three sentinels that say which is which: whatever leads is
found, and nothing has to be started anew.
*/

const log = createLog({program: 'test', logLevel: 'silent', keyPrefix: 'hklst_'});
let sentinels: TestSentinels;
let world: RedisWorld;

test.before(async () => {
	sentinels = await createSentinels();
	world = await createRedisWorld(sentinels);
});
test.after.always(() => world?.stop() ?? sentinels?.stop());
test.afterEach((t) => t.deepEqual(world.uncaught(), []));

test.serial('usage is counted, webhooks are sent, and readiness tells', async (t) => {
	await world.says(undefined);
	await world.use(t);
	await world.isCounted(t);
	await world.isDelivered();
	const answer = await world.server.call('/api/v1/system', {bearer: world.jwt});
	t.like(answer.json(), {dependencies: {redis: {state: 'ok'}}});
});

test.serial('whoever leads is killed: all goes on by itself', async (t) => {
	const dead = await sentinels.leader();
	await world.use(t);
	// All the while, as services ask: each use is accepted, whatever becomes of Redis.
	let isOver = false;
	const load = Promise.all(
		[1, 2].map(async () => {
			let uses = 0;
			for (; !isOver; uses++) await world.use(t);
			return uses;
		}),
	);
	const killedAt = performance.now();
	await dead.kill();
	await world.says('away');
	await world.use(t);
	await world.makeEvent();
	await world.says(undefined);
	t.not(await sentinels.leader(), dead);
	await world.workerTakesJobs(true);
	const seconds = ((performance.now() - killedAt) / 1000).toFixed(1);
	isOver = true;
	const uses = (await load).reduce((sum, each) => sum + each, 0);
	t.true(uses > 10);
	t.log(`limits and queues went on after ${seconds} s; ${uses} uses meanwhile, each accepted`);
	await world.isCounted(t);
	await world.isDelivered();
	await dead.start();
	const follows = async () =>
		/role:slave[^]*master_link_status:up/.test(await dead.client.info('replication'));
	await eventually(follows, {what: 'the one that led to follow'});
	// Until they have seen that, the sentinels hold it for dead, and would not have it lead.
	await eventually(sentinels.isWhole, {what: 'the sentinels to know that it follows'});
});

test.serial('with all sentinels but one away whoever leads is still found', async (t) => {
	const [one, two] = sentinels.sentinels;
	await Promise.all([one?.kill(), two?.kill()]);
	const leader = await sentinels.leader();
	await leader.client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
	await world.use(t);
	await world.isCounted(t);
	await world.isDelivered();
	await Promise.all([one?.start(), two?.start()]);
});

test.serial('another password of the sentinels is used once it is known', async (t) => {
	let password = 'wrong';
	const sentinelLogin = {username: undefined, password, readPassword: () => password};
	const config = {...sentinels.config, sentinelLogin};
	const lines: string[] = [];
	const clients = [connectRedis, connectRedisForQueues].map((connect) => connect(config, log));
	t.teardown(() => {
		for (const client of clients) client.disconnect();
	});
	for (const client of clients) {
		client.on('sentinelError', ({message}: Error) => lines.push(message));
	}
	await eventually(() => lines.some((line) => line.includes('WRONGPASS')));
	await t.throwsAsync(clients[0]?.get('x') ?? Promise.resolve(), {message: /isn't writeable/});
	password = sentinels.config.sentinelLogin?.password ?? '';
	for (const client of clients) await eventually(async () => (await client.ping()) === 'PONG');
});

for (const [what, changes, expected] of [
	['another name', {LATCHKEY_REDIS_SENTINEL_NAME: 'other'}, /No such master with that name|null/],
	['no password', {LATCHKEY_REDIS_SENTINEL_PASSWORD: ''}, /NOAUTH/],
	['another password', {LATCHKEY_REDIS_SENTINEL_PASSWORD: 'of nobody'}, /WRONGPASS/],
] as const) {
	test.serial(`what the sentinels refuse is in the log: ${what}`, async (t) => {
		const {appliance} = world;
		const program = startProgram(['worker'], {...appliance.env, ...changes});
		await eventually(() => expected.test(program.output()), {what: 'the log line'});
		t.regex(program.output(), /Redis is away/);
		t.is(await program.stop(), 0);
	});
}

test.serial('server and worker end with 0 while nobody leads, and lose no count', async (t) => {
	await world.use(t);
	await Promise.all([...sentinels.sentinels, ...sentinels.nodes].map((node) => node.kill()));
	await world.says('away');
	await world.use(t);
	const codes = await Promise.all([world.server.stop(), world.worker.stop()]);
	t.deepEqual(codes, [0, 0]);
	await world.isCounted(t);
});
