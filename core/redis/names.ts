/**
 * Every Redis name and lifetime. Redis is never the only copy of anything that was acknowledged.
 *
 * - `{prefix}:usage`                      set of the batches that hold usage not yet settled
 * - `{prefix}:usage:<hour>:<batch>`       hash of one batch: key id → absolute counts and last use,
 *                                         and `#version`, the number of the last write
 * - `{prefix}:queue:…`                    BullMQ
 * - `{prefix}:probe`                      written to see whether writes are taken
 *
 * The braces keep every name of one appliance in one slot of a Redis Cluster.
 */
export function createRedisNames(prefix: string) {
	return {
		usageIndex: `{${prefix}}:usage`,
		usageBatch: (hour: number, batchId: string) => `{${prefix}}:usage:${hour}:${batchId}`,
		probe: `{${prefix}}:probe`,
		queuePrefix: `{${prefix}}:queue`,
		/** The names that BullMQ gives the parts of a queue. */
		queueKey: (queue: string) => (part: string) => `{${prefix}}:queue:${queue}:${part}`,
	};
}

export type RedisNames = ReturnType<typeof createRedisNames>;

/** Field of a usage batch that numbers its writes. No key id looks like it. */
export const usageVersionField = '#version';

/** A batch that no worker settled is given up by Redis after this long, in seconds. */
export const usageBatchLifetime = 7 * 24 * 3600;
