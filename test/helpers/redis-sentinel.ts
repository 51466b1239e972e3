import type {RedisConfig} from '../../core/config/config.ts';
import {eventually} from './program.ts';
import {startRedisNode, type RedisNode} from './redis-nodes.ts';
import type {ServiceEnvironment} from './services.ts';

export type TestSentinels = {
	/** The first leads at the beginning. */
	nodes: readonly [RedisNode, RedisNode];
	sentinels: readonly RedisNode[];
	/** Which of the nodes leads, as the sentinels say that live. */
	leader: () => Promise<RedisNode>;
	/** Whether all sentinels know each other, and that the other node follows and is well. */
	isWhole: () => Promise<boolean>;
	config: RedisConfig;
	/** LATCHKEY_REDIS_SENTINELS, _SENTINEL_NAME and both passwords. */
	env: ServiceEnvironment;
	stop: () => Promise<void>;
};

const name = 'keys';
// Sentinels write them down without quotes.
const passwords = {redis: 'one-of-Redis', sentinel: 'one-of-the-sentinels'};

/** A master, a replica and three sentinels, which take a master for dead after half a second. */
export async function createSentinels(): Promise<TestSentinels> {
	const password = passwords.redis;
	const lines = [`requirepass "${password}"`, `masterauth "${password}"`, 'appendonly yes'];
	const master = await startRedisNode({lines, password});
	const follow = `replicaof 127.0.0.1 ${master.port}`;
	const replica = await startRedisNode({lines: [...lines, follow], password});
	await eventually(async () => /master_link_status:up/.test(await replica.client.info()), {
		what: 'the replica to follow',
	});
	const watch = [
		`requirepass "${passwords.sentinel}"`,
		`sentinel sentinel-pass "${passwords.sentinel}"`,
		`sentinel monitor ${name} 127.0.0.1 ${master.port} 2`,
		`sentinel auth-pass ${name} "${password}"`,
		`sentinel down-after-milliseconds ${name} 500`,
		`sentinel failover-timeout ${name} 3000`,
	];
	const sentinels: RedisNode[] = [];
	for (let i = 0; i < 3; i++) {
		sentinels.push(
			await startRedisNode({lines: watch, isSentinel: true, password: passwords.sentinel}),
		);
	}
	const listedBy = async ({client}: RedisNode, what: 'SENTINELS' | 'REPLICAS') => {
		const answer = (await client.call('SENTINEL', what, name)) as string[][];
		return answer.map((fields) => fields[fields.indexOf('flags') + 1] ?? '');
	};
	const isWhole = async () => {
		const lists = await Promise.all(
			sentinels.map(async (sentinel) => [
				await listedBy(sentinel, 'SENTINELS'),
				await listedBy(sentinel, 'REPLICAS'),
			]),
		);
		return lists.every((list) => list.join(';') === 'sentinel,sentinel;slave');
	};
	await eventually(isWhole, {what: 'the sentinels to know each other and the replica'});
	const nodes = [master, replica] as const;
	const addresses = sentinels.map(({port}) => ({host: '127.0.0.1', port}));
	return {
		nodes,
		sentinels,
		isWhole,
		async leader() {
			const address = await Promise.any(
				sentinels.map(({client}) => client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name)),
			);
			const port = Number((address as string[])[1]);
			const found = nodes.find((node) => node.port === port);
			if (found === undefined) throw new Error('nobody leads');
			return found;
		},
		config: {
			address: {sentinels: addresses, name},
			username: undefined,
			password,
			sentinelLogin: {username: undefined, password: passwords.sentinel},
			database: 0,
			tls: false,
			prefix: 'latchkey',
		},
		env: {
			LATCHKEY_REDIS_SENTINELS: sentinels.map(({address}) => address).join(','),
			LATCHKEY_REDIS_SENTINEL_NAME: name,
			LATCHKEY_REDIS_SENTINEL_PASSWORD: passwords.sentinel,
			LATCHKEY_REDIS_PASSWORD: password,
		},
		async stop() {
			await Promise.all([...sentinels, ...nodes].map((node) => node.stop()));
		},
	};
}
