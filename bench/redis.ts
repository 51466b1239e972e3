import type {Redis} from 'ioredis';
import {connectRedis} from '../core/redis/connect.ts';
import {createLog} from '../core/log.ts';
import {eventually} from '../test/helpers/program.ts';
import type {Services} from './services.ts';

/** A connection of the bench itself, which may take its time. */
export async function connectBenchRedis({redis: config}: Services): Promise<Redis> {
	const log = createLog({program: 'bench', logLevel: 'warn', keyPrefix: 'hklst_'});
	// The bench starts a single one, no Cluster.
	const redis = connectRedis(config, log, 5000) as Redis;
	await eventually(() => redis.status === 'ready', {what: 'Redis'});
	return redis;
}

/** A figure of `INFO memory`, in bytes. */
export async function memoryOf(redis: Redis, figure: string): Promise<number> {
	const info = await redis.info('memory');
	const value = new RegExp(`^${figure}:(\\d+)\\r?$`, 'm').exec(info)?.[1];
	if (value === undefined) throw new Error(`Redis says nothing of ${figure}`);
	return Number(value);
}
