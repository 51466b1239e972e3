import type {Redis} from 'ioredis';
import type {Log} from '../core/log.ts';

/**
 * Warns when Redis is set up to throw data away: an eviction policy may delete queued jobs, and
 * without its append-only file a restart forgets usage of the last minutes.
 */
export async function warnAboutRedisPolicy(redis: Redis, log: Log): Promise<void> {
	try {
		const [, policy] = (await redis.config('GET', 'maxmemory-policy')) as string[];
		if (policy !== undefined && policy !== 'noeviction') {
			log.warn({policy}, 'Redis evicts data: set maxmemory-policy noeviction');
		}
		const [, appendonly] = (await redis.config('GET', 'appendonly')) as string[];
		if (appendonly === 'no') log.warn('Redis keeps no append-only file: set appendonly yes');
	} catch (error) {
		log.debug({error}, 'the settings of Redis could not be read');
	}
}
