import {once} from 'node:events';
import type {Redis} from 'ioredis';
import {connectDatabase} from '../../core/db/connect.ts';
import type {DatabaseConfig, RedisConfig} from '../../core/config/config.ts';
import {createLog} from '../../core/log.ts';
import {connectRedis} from '../../core/redis/connect.ts';
import {createRedisNames} from '../../core/redis/names.ts';
import {settleUsage} from '../../core/usage/settle.ts';

/*
One pass of the worker over usage in a process of its own, which is killed at a step that can be
chosen: a command to Redis or a statement that is about to be sent, was sent, or was answered.
*/

export type SettlerOptions = {
	database: DatabaseConfig;
	redis: RedisConfig;
	prefix: string;
	now: number;
	/** From 1; it lives on where the pass has fewer. */
	killedAt: number;
};

const options = JSON.parse(process.argv[2] ?? '') as SettlerOptions;
let steps = 0;
const step = () => {
	if (++steps === options.killedAt) process.kill(process.pid, 'SIGKILL');
};

const log = createLog({program: 'test', logLevel: 'error', keyPrefix: 'hklst_'});
const redis = connectRedis(options.redis, log, 60_000) as Redis;
await once(redis, 'ready');
const send = redis.sendCommand.bind(redis);
redis.sendCommand = (command, stream) => {
	step();
	const answer = send(command, stream);
	setImmediate(step);
	return Promise.resolve(answer).finally(step);
};
const db = connectDatabase(options.database, 'test', {
	statementTimeoutMs: 60_000,
	queryTimeoutMs: 61_000,
});
db.on('query', () => {
	step();
	setImmediate(step);
});
db.on('query-response', step);

const now = () => options.now;
await settleUsage({redis, names: createRedisNames(options.prefix), db, settled: new Map(), now});
redis.disconnect();
await db.destroy();
