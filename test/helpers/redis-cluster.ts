import {Command} from 'ioredis';
import type {RedisConfig} from '../../core/config/config.ts';
import {createRedisNames} from '../../core/redis/names.ts';
import {eventually} from './program.ts';
import {freeClusterPort, startRedisNode, type RedisNode} from './redis-nodes.ts';
import type {ServiceEnvironment} from './services.ts';

export type TestRedisCluster = {
	/** Each has a third of the slots; the first has that of what Latchkey keeps under its prefix. */
	masters: readonly [RedisNode, RedisNode, RedisNode];
	/** Of the first master. */
	replica: RedisNode;
	/** Which of the masters has a key at the beginning: 0, 1 or 2. */
	thirdOf: (key: string) => number;
	slotOf: (key: string) => number;
	config: RedisConfig;
	/** LATCHKEY_REDIS_CLUSTER. */
	env: ServiceEnvironment;
	stop: () => Promise<void>;
};

const slotCount = 16_384;
const prefix = 'latchkey';

function slotOf(key: string): number {
	return new Command('get', [key]).getSlot() ?? 0;
}

/** In what a Cluster says of itself. */
async function infoOf({client}: RedisNode, name: string): Promise<string | undefined> {
	const text = (await client.call('CLUSTER', 'INFO')) as string;
	return new RegExp(`^${name}:(\\S+)`, 'm').exec(text)?.[1];
}

/** Three masters, and one replica. */
export async function createRedisCluster({
	password,
}: {password?: string} = {}): Promise<TestRedisCluster> {
	const lines = [
		'cluster-enabled yes',
		'cluster-config-file nodes.conf',
		'cluster-node-timeout 1000',
		'cluster-replica-validity-factor 0',
		// The slots of a node that is away are away; the others are served.
		'cluster-require-full-coverage no',
		'appendonly yes',
		...(password === undefined ? [] : [`requirepass ${password}`, `masterauth ${password}`]),
	];
	const nodes: RedisNode[] = [];
	// One after the other: a port that is free now is not when another one has taken it.
	for (let i = 0; i < 4; i++) {
		nodes.push(
			await startRedisNode({
				lines,
				port: await freeClusterPort(),
				...(password === undefined ? {} : {password}),
			}),
		);
	}
	const [first, second, third, replica] = nodes as [RedisNode, RedisNode, RedisNode, RedisNode];
	const masters = [first, second, third] as const;
	const names = createRedisNames(prefix);
	const own = slotOf(names.probe);
	// Counted from the slot of the appliance on.
	const thirdOf = (slot: number) =>
		Math.floor((3 * ((slot - own + slotCount) % slotCount)) / slotCount);
	await Promise.all(
		masters.map(async ({client}, i) => {
			const slots = Array.from({length: slotCount}, (_, slot) => slot).filter(
				(slot) => thirdOf(slot) === i,
			);
			await client.call('CLUSTER', 'SET-CONFIG-EPOCH', String(i + 1));
			await client.call('CLUSTER', 'ADDSLOTS', ...slots.map(String));
		}),
	);
	for (const node of nodes.slice(1)) {
		await first.client.call('CLUSTER', 'MEET', '127.0.0.1', String(node.port));
	}
	const isWhole = async (node: RedisNode) =>
		(await infoOf(node, 'cluster_known_nodes')) === '4' &&
		(await infoOf(node, 'cluster_slots_ok')) === String(slotCount);
	await allAre(nodes, isWhole, 'the Cluster to be whole');
	const id = (await first.client.call('CLUSTER', 'MYID')) as string;
	await replica.client.call('CLUSTER', 'REPLICATE', id);
	await eventually(
		async () => /master_link_status:up/.test(await replica.client.info('replication')),
		{what: 'the replica to follow'},
	);
	// It is told of, and asked to lead, once all have heard how far it has come.
	await allAre(
		nodes,
		async ({client}) => {
			const ranges = (await client.call('CLUSTER', 'SLOTS')) as unknown[];
			return ranges.flat().join().includes(`,${replica.port},`);
		},
		'all to know the replica',
	);
	const cluster = [second, third].map(({port}) => ({host: '127.0.0.1', port}));
	return {
		masters,
		replica,
		thirdOf: (key) => thirdOf(slotOf(key)),
		slotOf,
		config: {
			address: {cluster},
			username: undefined,
			password,
			database: 0,
			tls: false,
			prefix,
		},
		env: {LATCHKEY_REDIS_CLUSTER: cluster.map(({host, port}) => `${host}:${port}`).join(',')},
		async stop() {
			await Promise.all(nodes.map((node) => node.stop()));
		},
	};
}

async function allAre(
	nodes: readonly RedisNode[],
	is: (node: RedisNode) => Promise<boolean>,
	what: string,
): Promise<void> {
	await eventually(async () => (await Promise.all(nodes.map(is))).every(Boolean), {what});
}
