import test from 'ava';
import type {System} from '../../contract/system.ts';
import {eventually} from '../helpers/program.ts';
import {createRedisCluster, type TestRedisCluster} from '../helpers/redis-cluster.ts';
import {createRedisWorld, type RedisWorld} from './world.ts';

/*
A Redis Cluster of three masters and a replica, whose nodes are killed: what can go on goes on, and what
cannot is said. What the appliance keeps under its own name is in one of the masters.
*/

let cluster: TestRedisCluster;
let world: RedisWorld;

test.before(async () => {
	cluster = await createRedisCluster();
	world = await createRedisWorld(cluster);
});
test.after.always(() => world?.stop() ?? cluster?.stop());
test.afterEach((t) => t.deepEqual(world.uncaught(), []));

test.serial('usage is counted, webhooks are sent, and readiness tells', async (t) => {
	await world.says(undefined);
	await world.use(t);
	await world.isCounted(t);
	await world.isDelivered();
	const system = await eventually(async () => {
		const answer = await world.server.call('/api/v1/system', {bearer: world.jwt});
		const read = answer.json() as System;
		return read.queues !== null && read;
	});
	t.is(system.dependencies.redis.state, 'ok');
	t.regex(system.versions.redis ?? '', /^(Valkey )?\d+\.\d+/);
});

test.serial(
	'no webhook goes to a node, also to one that was found by way of another',
	async (t) => {
		t.false(cluster.env['LATCHKEY_REDIS_CLUSTER']?.includes(cluster.masters[0].address));
		for (const {address} of [...cluster.masters, cluster.replica]) {
			const refused = await world.setUpEndpoint(`http://${address}/`);
			t.is(refused.status, 400, address);
			t.regex(refused.text, /a database of this appliance/, address);
		}
	},
);

test.serial(
	'a node that has nothing of the appliance is killed: all goes on, and it is said',
	async (t) => {
		const [, , third] = cluster.masters;
		await third.kill();
		const {detail} = await world.says('slots_away');
		t.regex(detail ?? '', /^Redis Cluster: nobody answers for 5461 of 16384 slots; /);
		await world.workerTakesJobs(true);
		await world.use(t);
		await world.isCounted(t);
		await world.isDelivered();
		await third.start();
		await world.says(undefined);
	},
);

test.serial('the node that has it all is killed: its replica leads, and all goes on', async (t) => {
	const [first] = cluster.masters;
	await world.use(t);
	await first.kill();
	await world.use(t);
	await world.makeEvent();
	const leads = async () => /role:master/.test(await cluster.replica.client.info('replication'));
	await eventually(leads, {what: 'the replica to lead'});
	await world.says(undefined);
	await world.workerTakesJobs(true);
	await world.use(t);
	await world.isCounted(t);
	await world.isDelivered();
});

test.serial(
	'and so is the replica: it is said, and made up for once one of them is back',
	async (t) => {
		await cluster.replica.kill();
		const {detail} = await world.says('away');
		t.regex(detail ?? '', /webhooks and repeated work wait/);
		await world.workerTakesJobs(false);
		await world.use(t);
		await world.makeEvent();
		// The servers write to PostgreSQL themselves.
		await world.isCounted(t);
		await cluster.replica.start();
		await world.says(undefined);
		await world.workerTakesJobs(true);
		await world.isDelivered();
		await cluster.masters[0].start();
		await world.use(t);
		await world.isCounted(t);
	},
);

test.serial('a Cluster that serves all or nothing says that it is down', async (t) => {
	const nodes = [...cluster.masters, cluster.replica];
	const cover = (all: 'yes' | 'no') =>
		Promise.all(
			nodes.map(({client}) => client.config('SET', 'cluster-require-full-coverage', all)),
		);
	await cover('yes');
	const [, , third] = cluster.masters;
	await third.kill();
	const {detail} = await world.says('cluster_down');
	t.regex(detail ?? '', /^Redis Cluster is down: not every slot is served \(CLUSTERDOWN\); /);
	await world.use(t);
	await third.start();
	await world.says(undefined);
	await cover('no');
	await world.isCounted(t);
	await world.isDelivered();
});

test.serial('one node that evicts is warned about', async (t) => {
	const [, second] = cluster.masters;
	await second.client.config('SET', 'maxmemory-policy', 'allkeys-lru');
	const worker = await world.appliance.startWorker();
	await eventually(() => worker.output().includes('set maxmemory-policy noeviction'));
	await second.client.config('SET', 'maxmemory-policy', 'noeviction');
	t.is(await worker.stop(), 0);
});

test.serial(
	'server and worker end with 0 while the whole Cluster is away, and lose no count',
	async (t) => {
		await world.use(t);
		await Promise.all([...cluster.masters, cluster.replica].map((node) => node.kill()));
		await world.says('away');
		await world.use(t);
		const codes = await Promise.all([world.server.stop(), world.worker.stop()]);
		t.deepEqual(codes, [0, 0]);
		await world.isCounted(t);
	},
);
