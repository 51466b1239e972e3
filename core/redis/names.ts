/**
 * Every Redis name and lifetime. Redis is never the only copy of anything that was acknowledged.
 *
 * - `{prefix}:usage`                      set of the batches that hold usage not yet settled
 * - `{prefix}:usage:<hour>:<batch>`       hash of one batch: key id → absolute counts and last use,
 *                                         number → a client, tag or scope of a key, and `#version`,
 *                                         the number of the last write
 * - `{prefix}:watches`                    sorted set of those who look at decisions, by when that ends
 * - `{prefix}:watch:<watch>`              stream of what servers told one of them, a second at a time
 * - `{prefix}:watch:<watch>:facts`        hash: since when it is, and how much there was for it
 * - `{prefix}:queue:…`                    BullMQ
 * - `{prefix}:probe`                      written to see whether writes are taken
 *
 * The braces keep these names of one appliance in one slot of a Redis Cluster. Those of limits are in one
 * slot for each organisation; their subject is `k:` with the id of a key, `o:` of the organisation, `w:`
 * with type/id of an owner of keys, or `a:` with the id of a key for which a caller keeps a limit:
 *
 * - `{prefix:<organisation>}:limit:<subject>:<name>`    TAT of a limit, in µs; ends once it is full again
 * - `{prefix:<organisation>}:quota:<subject>:<start>`   what was counted since a period began, in seconds
 * - `{prefix:<organisation>}:quota-added:<id>`          a sum that was added to a quota already
 * - `{prefix:}:probe`                                   written to see whether such names may be used
 */
export function createRedisNames(prefix: string) {
	return {
		usageIndex: `{${prefix}}:usage`,
		usageBatch: (hour: number, batchId: string) => `{${prefix}}:usage:${hour}:${batchId}`,
		watches: `{${prefix}}:watches`,
		watchBatches: (watch: string) => `{${prefix}}:watch:${watch}`,
		watchFacts: (watch: string) => `{${prefix}}:watch:${watch}:facts`,
		probe: `{${prefix}}:probe`,
		limitsProbe: `{${prefix}:}:probe`,
		limit: (organisationId: string, subject: string, name: string) =>
			`{${prefix}:${organisationId}}:limit:${subject}:${name}`,
		quota: (organisationId: string, subject: string, periodStart: number) =>
			`{${prefix}:${organisationId}}:quota:${subject}:${periodStart / 1000}`,
		quotaAdded: (organisationId: string, id: string) =>
			`{${prefix}:${organisationId}}:quota-added:${id}`,
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
