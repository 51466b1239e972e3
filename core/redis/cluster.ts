import {Cluster, Command, type Redis, type RedisOptions} from 'ioredis';
import type {HostPort} from '../config/config.ts';
import {withTimeout} from '../with-timeout.ts';

export type ClusterClientOptions = NonNullable<ConstructorParameters<typeof Cluster<'legacy'>>[1]>;

/** Of a Redis Cluster, which holds each key in one of them. */
export const slotCount = 16_384;
/** A node that says nothing for so long does not answer. */
const answerMs = 800;

/**
 * A client of a Redis Cluster that connects to every node as soon as it is known, not with the first
 * command for it: so a node that is gone is noticed, and leaves. ioredis itself would wait for the
 * commands that replicas never get, and hold on to a Cluster of which no address is left.
 *
 * @param nodes some of them
 * @param prepare is given the options of each node before it is connected to
 */
export function connectNodes(
	nodes: readonly HostPort[],
	options: ClusterClientOptions,
	prepare: (node: RedisOptions) => void,
): Cluster {
	const cluster = new Cluster([...nodes], options);
	cluster.on('+node', (node: Redis) => {
		prepare(node.options);
		node.connect().catch(() => {});
	});
	return Object.assign(cluster, {
		// BullMQ makes the connection on which it blocks by this.
		duplicate: (_nodes: unknown, more: ClusterClientOptions = {}) =>
			connectNodes(nodes, {...options, ...more}, prepare),
		...(options.enableOfflineQueue === false ? {delayUntilReady: refuse} : {}),
	});
}

/** In place of what has a pipeline wait until the slots are known, be that never. */
function refuse(callback: (error: Error) => void): void {
	callback(new Error('Redis Cluster is not connected'));
}

/** Whether commands for a key would be sent at once, as far as is known here. */
export function isConnected(redis: Redis | Cluster, key: string): boolean {
	if (redis.status !== 'ready' || !(redis instanceof Cluster)) return redis.status === 'ready';
	const slot = new Command('get', [key]).getSlot();
	const owner = ownersOf(redis)[slot ?? 0];
	return owner !== undefined && nodesByName(redis).get(owner)?.status === 'ready';
}

/** Where the nodes are that are known by now, replicas included; nothing of a unix socket. */
export function knownNodes(redis: Redis | Cluster): HostPort[] {
	const found = redis instanceof Cluster ? redis.nodes('all').map(({options}) => options) : [];
	const {remoteAddress, remotePort} = redis instanceof Cluster ? {} : (redis.stream ?? {});
	return [{host: remoteAddress, port: remotePort}, ...found].flatMap(({host, port}) =>
		host === undefined || port === undefined ? [] : [{host, port}],
	);
}

/** Every node that takes writes: a single Redis, or the masters of a Cluster. */
export function mastersOf(redis: Redis | Cluster): Redis[] {
	return redis instanceof Cluster ? redis.nodes('master') : [redis];
}

/**
 * Asks each master.
 *
 * @returns how many slots of a Cluster nobody answers for; 0 for a single Redis
 */
export async function countSilentSlots(redis: Redis | Cluster): Promise<number> {
	if (!(redis instanceof Cluster)) return 0;
	const answering = new Set<string>();
	await Promise.all(
		[...nodesByName(redis)].map(async ([name, node]) => {
			if (node.status !== 'ready') return;
			await withTimeout(node.ping(), answerMs).then(
				() => answering.add(name),
				() => {},
			);
		}),
	);
	const silent = ownersOf(redis).filter((owner) => owner === undefined || !answering.has(owner));
	return silent.length;
}

/** The master of each slot, as `host:port`. */
function ownersOf({slots}: Cluster): (string | undefined)[] {
	return Array.from({length: slotCount}, (_, slot) => slots[slot]?.[0]);
}

function nodesByName(redis: Cluster): Map<string, Redis> {
	return new Map(
		redis.nodes('master').map((node) => [`${node.options.host}:${node.options.port}`, node]),
	);
}
