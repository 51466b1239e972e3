import type {RedisConfig} from '../../core/config/config.ts';
import {connectRedis} from '../../core/redis/connect.ts';
import {mastersOf} from '../../core/redis/cluster.ts';
import type {Log} from '../../core/log.ts';
import {withTimeout} from '../../core/with-timeout.ts';
import {BackupError, messageOf} from './errors.ts';

const answerMs = 5000;

/**
 * Removes what Redis holds of the appliance: queues, counts and memories of what was before. The rest of that
 * Redis stays.
 *
 * @returns how many names were removed
 */
export async function emptyRedis(config: RedisConfig, log: Log): Promise<number> {
	const redis = connectRedis(config, log, answerMs);
	try {
		await withTimeout(
			new Promise<void>((resolve, reject) => {
				if (redis.status === 'ready') resolve();
				redis.once('ready', () => resolve());
				redis.once('error', reject);
			}),
			answerMs,
		);
		let removed = 0;
		for (const node of mastersOf(redis)) {
			for (const pattern of [`{${config.prefix}}:*`, `{${config.prefix}:*}:*`]) {
				for (let cursor = '0'; ;) {
					const [next, names] = await node.scan(cursor, 'MATCH', pattern, 'COUNT', 1000);
					// One by one: in a Cluster they are in slots of their own.
					for (const name of names) removed += await node.unlink(name);
					cursor = next;
					if (cursor === '0') break;
				}
			}
		}
		return removed;
	} catch (error) {
		throw new BackupError(
			`Redis could not be emptied: ${messageOf(error)}. Start it, or empty it yourself.`,
		);
	} finally {
		redis.disconnect();
	}
}
