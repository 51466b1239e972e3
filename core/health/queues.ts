import {maintenanceQueue, webhookQueue} from '../jobs.ts';
import type {RedisClient} from '../redis/connect.ts';
import type {RedisNames} from '../redis/names.ts';

export type QueueState = {waiting: number; active: number; failed: number; oldest_seconds: number};

/**
 * What is in the queues, in two round trips and without BullMQ, whose connections wait for a Redis
 * that is away.
 *
 * @param now the time by the clock that all programs share
 * @throws when Redis is away
 */
export async function readQueues(
	redis: RedisClient,
	names: RedisNames,
	now: () => number,
): Promise<{maintenance: QueueState; webhooks: QueueState}> {
	const [maintenance, webhooks] = await Promise.all([
		readQueue(redis, names.queueKey(maintenanceQueue), now),
		readQueue(redis, names.queueKey(webhookQueue), now),
	]);
	return {maintenance, webhooks};
}

async function readQueue(
	redis: RedisClient,
	key: (part: string) => string,
	now: () => number,
): Promise<QueueState> {
	const [waiting, oldest, active, failed] = await Promise.all([
		redis.llen(key('wait')),
		redis.lindex(key('wait'), -1),
		redis.llen(key('active')),
		redis.zcard(key('failed')),
	]);
	// Null where it was taken in the meantime.
	const due = oldest === null ? null : await redis.hget(key(oldest), 'timestamp');
	return {
		waiting,
		active,
		failed,
		oldest_seconds: due === null ? 0 : Math.max(0, now() - Number(due)) / 1000,
	};
}
