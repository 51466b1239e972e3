import test, {type ExecutionContext} from 'ava';
import {createAppliance, makeOrganisation, patiently, type Server} from '../helpers/appliance.ts';
import {untilLimitsAreDivided, saysOf, uncaught} from '../helpers/faults.ts';
import {eventually} from '../helpers/program.ts';
import {createRedisCluster, type TestRedisCluster} from '../helpers/redis-cluster.ts';
import {createDatabase} from '../helpers/services.ts';

/*
Limits in a Redis Cluster, where those of each organisation are in one node: exact over two servers; and
while a node is away its organisations alone are limited by the servers themselves.
*/

let cluster: TestRedisCluster;
let servers: readonly [Server, Server];
let jwt: string;
let stop: () => Promise<void>;
/** Organisations whose limits are in the second and in the third node. */
let here: string;
let there: string;

test.before(async () => {
	const [made, database] = await Promise.all([createRedisCluster(), createDatabase()]);
	cluster = made;
	const appliance = await createAppliance({
		env: {...database.env, ...cluster.env},
		database: database.config,
		redis: cluster.config,
		async close() {
			await Promise.all([database.drop(), cluster.stop()]);
		},
	});
	({stop} = appliance);
	// A node that is away is not waited for longer than that, on a machine however busy.
	const env = {LATCHKEY_LIMITS_TIMEOUT_MS: '500'};
	servers = [await appliance.startServer(env), await appliance.startServer(env)];
	await untilLimitsAreDivided(servers);
	jwt = await servers[0].logIn();
	[here, there] = [await organisationIn(1), await organisationIn(2)];
});
test.after.always(() => stop?.());
test.afterEach((t) => t.deepEqual(servers.flatMap(uncaught), []));

async function organisationIn(third: number): Promise<string> {
	for (;;) {
		const {id} = await makeOrganisation(servers[0], jwt, 'team');
		if (cluster.thirdOf(`{latchkey:${id}}`) === third) return id;
	}
}

/** A key that may be used ten times, and then once an hour. */
async function makeKey(organisationId: string): Promise<string> {
	const body = {
		name: 'limited',
		rate_limits: [{name: 'ten', limit: 10, window_seconds: 36_000}],
	};
	const answer = await patiently(() =>
		servers[0].call(`/api/v1/organizations/${organisationId}/api-keys`, {bearer: jwt, body}),
	);
	if (answer.status !== 201) throw new Error(answer.text);
	return (answer.json() as {key: string}).key;
}

/** Uses a key so often at each of the servers, all at once; every use is let in or refused by the limit. */
async function accepted(
	t: ExecutionContext,
	key: string,
	times = 15,
	at: readonly Server[] = servers,
): Promise<number> {
	const uses = at.flatMap((server) =>
		Array.from({length: times}, () => server.call('/api/v1/sources', {bearer: key})),
	);
	const statuses = (await Promise.all(uses)).map(({status}) => status);
	const letIn = statuses.filter((status) => status === 200).length;
	t.is(statuses.filter((status) => status === 429).length, statuses.length - letIn);
	return letIn;
}

/**
 * A key is let in as often as it may be, over two servers. On a busy machine an answer of Redis may come
 * too late for one of them, which then decides by itself: never above what a window may have at all.
 */
async function isExact(t: ExecutionContext, organisationId: string): Promise<void> {
	await eventually(
		async () => {
			const letIn = await accepted(t, await makeKey(organisationId));
			t.true(letIn <= 20, `${letIn} let in`);
			return letIn === 10;
		},
		{what: 'Redis to keep the limits'},
	);
}

/** A server by itself would let in but its part. */
async function isKeptInRedis(t: ExecutionContext, organisationId: string): Promise<void> {
	await eventually(
		async () => (await accepted(t, await makeKey(organisationId), 12, [servers[1]])) === 10,
		{what: 'Redis to keep the limits'},
	);
}

test.serial('limits are exact over two servers, in whichever node they are', async (t) => {
	for (const organisationId of [here, there]) {
		await isKeptInRedis(t, organisationId);
		await isExact(t, organisationId);
	}
});

test.serial(
	'a node is killed: those of its organisations are kept by the servers, others are exact',
	async (t) => {
		const key = await makeKey(there);
		const [, , third] = cluster.masters;
		await third.kill();
		await saysOf(servers[0], 'redis', 'slots_away');
		const letIn = await accepted(t, key);
		t.true(letIn >= 1 && letIn <= 10, `${letIn} let in`);
		await isKeptInRedis(t, here);
		await isExact(t, here);
		await third.start();
		await isKeptInRedis(t, there);
		await isExact(t, there);
	},
);

test.serial('a slot moves to another node: what was used before counts after', async (t) => {
	const [first, second, third] = cluster.masters;
	const slot = String(cluster.slotOf(`{latchkey:${here}}`));
	const key = await makeKey(here);
	const left = async () => {
		const answer = await servers[0].call('/api/v1/keys/self', {bearer: key});
		return /^"ten";r=(\d+);/.exec(String(answer.headers['ratelimit']))?.[1];
	};
	// What a server has let in by itself, Redis is not told of.
	await eventually(async () => {
		await accepted(t, key);
		return (await left()) === '0';
	});
	// As redis-cli does it: what is in the slot goes along.
	const [from, to] = await Promise.all(
		[second, third].map(({client}) => client.call('CLUSTER', 'MYID') as Promise<string>),
	);
	await third.client.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from ?? '');
	await second.client.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to ?? '');
	const keys = (await second.client.call('CLUSTER', 'GETKEYSINSLOT', slot, '1000')) as string[];
	await second.client.call('MIGRATE', '127.0.0.1', third.port, '', 0, 5000, 'KEYS', ...keys);
	await isKeptInRedis(t, here);
	for (const {client} of [third, second, first]) {
		await client.call('CLUSTER', 'SETSLOT', slot, 'NODE', to ?? '');
	}
	await isKeptInRedis(t, here);
	await eventually(async () => (await left()) === '0', {what: 'Redis to know what was used'});
});
