import type {Redis} from 'ioredis';
import type {Log} from '../core/log.ts';
import {mastersOf} from '../core/redis/cluster.ts';
import type {RedisClient} from '../core/redis/connect.ts';

/**
 * Warns when Redis, or a master of a Cluster, is set up to throw data away: an eviction policy may
 * delete queued jobs, and without its append-only file a restart forgets usage of the last minutes.
 */
export async function warnAboutRedisPolicy(redis: RedisClient, log: Log): Promise<void> {
	try {
		const nodes = mastersOf(redis);
		for (const policy of await settingOf(nodes, 'maxmemory-policy')) {
			if (policy === 'noeviction') continue;
			log.warn({policy}, 'Redis evicts data: set maxmemory-policy noeviction');
		}
		if ((await settingOf(nodes, 'appendonly')).has('no')) {
			log.warn('Redis keeps no append-only file: set appendonly yes');
		}
	} catch (error) {
		log.debug({error}, 'the settings of Redis could not be read');
	}
}

/** Its values, each once. */
async function settingOf(nodes: readonly Redis[], name: string): Promise<ReadonlySet<string>> {
	const answers = await Promise.all(nodes.map((node) => node.config('GET', name)));
	return new Set(answers.flatMap((answer) => (answer as string[]).slice(1)));
}
