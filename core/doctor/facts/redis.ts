import {setImmediate as nextTurn, setTimeout as sleep} from 'node:timers/promises';
import type {Redis} from 'ioredis';
import {mastersOf} from '../../redis/cluster.ts';
import type {RedisClient} from '../../redis/connect.ts';

/** What one Redis says of itself (INFO). */
export type RedisNode = {address: string; info: ReadonlyMap<string, string>};

/** One that was told it must lead is connected to anew, which takes a moment. */
const reconnectMs = 1500;

/** Asks each that takes writes. @throws where the user may not ask */
export async function readRedisNodes(redis: RedisClient): Promise<RedisNode[]> {
	return Promise.all(
		mastersOf(redis).map(async (node) => ({
			address: node.options.path ?? `${node.options.host}:${node.options.port}`,
			info: parse(await infoOf(node)),
		})),
	);
}

async function infoOf(node: Redis): Promise<string> {
	const endsAt = performance.now() + reconnectMs;
	for (;;) {
		try {
			return await node.info();
		} catch (error) {
			const isRefused = error instanceof Error && error.name === 'ReplyError';
			if (isRefused || performance.now() > endsAt) throw error;
		}
		await sleep(50);
	}
}

function parse(text: string): Map<string, string> {
	const found = new Map<string, string>();
	for (const line of text.split('\n')) {
		const [name, ...value] = line.trim().split(':');
		if (name && !name.startsWith('#')) found.set(name, value.join(':'));
	}
	return found;
}

/**
 * Commands that the programs and BullMQ use, each so that it changes nothing: what is named is a text, and
 * most of them are for something else.
 */
const harmless: readonly (readonly [command: string, ...parameters: string[]])[] = [
	['exists'],
	['get'],
	['ttl'],
	['pttl'],
	['type'],
	['set', '1', 'xx', 'keepttl'],
	['hget', 'x'],
	['hgetall'],
	['hmget', 'x'],
	['hset', 'x', '1'],
	['hincrby', 'x', '0'],
	['hdel', 'x'],
	['hexists', 'x'],
	['sadd', 'x'],
	['srem', 'x'],
	['smembers'],
	['zadd', 'xx', '0', 'x'],
	['zrem', 'x'],
	['zcard'],
	['zscore', 'x'],
	['zrange', '0', '0'],
	['zrangebyscore', '0', '0'],
	['zremrangebyscore', '0', '0'],
	['lpush', 'x'],
	['rpush', 'x'],
	['lrange', '0', '0'],
	['llen'],
	['lrem', '0', 'x'],
	['lindex', '0'],
	['rpop'],
	['xadd', 'nomkstream', '*', 'x', 'x'],
	['xtrim', 'maxlen', '0'],
	['xrange', '-', '+'],
	['xlen'],
];

/**
 * @param name of a text that ends soon
 * @returns the commands that the user has no right to
 */
export async function missingCommands(redis: RedisClient, name: string): Promise<string[]> {
	const missing = await Promise.all(
		harmless.map(async ([command, ...parameters]) => {
			try {
				await redis.call(command, name, ...parameters);
				return [];
			} catch (error) {
				return error instanceof Error && /\bNOPERM\b/.test(error.message) ? [command] : [];
			}
		}),
	);
	return missing.flat();
}

/** How far the clock of this machine is ahead of Redis', in milliseconds, by the quickest of some answers. */
export async function redisClockOffset(redis: RedisClient): Promise<number> {
	let best = {took: Number.POSITIVE_INFINITY, offset: 0};
	const [node] = mastersOf(redis);
	if (node === undefined) throw new Error('no Redis is known that leads');
	for (let time = 0; time < 3; time++) {
		const sent = Date.now();
		const [seconds, micros] = await node.time();
		const took = Date.now() - sent;
		const redisMs = Number(seconds) * 1000 + Number(micros) / 1000;
		if (took < best.took) best = {took, offset: sent + took / 2 - redisMs};
		await nextTurn();
	}
	return best.offset;
}
