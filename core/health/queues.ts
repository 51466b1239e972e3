import type {Redis} from 'ioredis';
import {maintenanceQueue, webhookQueue} from '../jobs.ts';
import type {RedisNames} from '../redis/names.ts';

export type QueueState = {waiting: number; active: number; failed: number; oldest_seconds: number};

/** BullMQ shifts the time that a job is planned for by this, to keep the order of equal times. */
const scoreShift = 4096;

/**
 * What is in the queues, in two round trips and without BullMQ, whose connections wait for a Redis
 * that is away. A planned job counts as waiting once its time has come: nobody moves it where no
 * worker runs.
 *
 * @throws when Redis is away
 */
export async function readQueues(
	redis: Redis,
	names: RedisNames,
): Promise<{maintenance: QueueState; webhooks: QueueState}> {
	const [maintenance, webhooks] = await Promise.all([
		readQueue(redis, names.queueKey(maintenanceQueue)),
		readQueue(redis, names.queueKey(webhookQueue)),
	]);
	return {maintenance, webhooks};
}

async function readQueue(redis: Redis, key: (part: string) => string): Promise<QueueState> {
	const [seconds, micros] = await redis.time();
	const now = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
	const [waiting, oldest, active, failed, overdue, planned] = await Promise.all([
		redis.llen(key('wait')),
		redis.lindex(key('wait'), -1),
		redis.llen(key('active')),
		redis.zcard(key('failed')),
		redis.zcount(key('delayed'), '-inf', String((now + 1) * scoreShift - 1)),
		redis.zrange(key('delayed'), '0', '0', 'WITHSCORES'),
	]);
	const dueTimes = [now];
	if (overdue > 0) dueTimes.push(Math.floor(Number(planned[1]) / scoreShift));
	if (oldest !== null) dueTimes.push(await dueTime(redis, key, oldest, now));
	return {
		waiting: waiting + overdue,
		active,
		failed,
		oldest_seconds: Math.max(0, now - Math.min(...dueTimes)) / 1000,
	};
}

/** When a job that waits was due: a repeated one has it in its id, another was so when it was made. */
async function dueTime(
	redis: Redis,
	key: (part: string) => string,
	id: string,
	now: number,
): Promise<number> {
	const [, planned] = /^repeat:.*:(\d{13})$/.exec(id) ?? [];
	const made = planned ?? (await redis.hget(key(id), 'timestamp'));
	// Taken in the meantime.
	return made === null ? now : Number(made);
}
