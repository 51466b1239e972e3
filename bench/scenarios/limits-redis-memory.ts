import type {Redis} from 'ioredis';
import {limitSubject} from '../../core/limits/subjects.ts';
import {createRedisNames, type RedisNames} from '../../core/redis/names.ts';
import {eventually} from '../../test/helpers/program.ts';
import {layOut, rounded} from '../figures.ts';
import type {PresentedKey} from '../fixture.ts';
import {connectBenchRedis, memoryOf} from '../redis.ts';
import {failures, type Scenario} from '../scenario.ts';
import {find} from '../targets.ts';

const megabyte = 1024 ** 2;
const withinMs = 60_000;
/** What Redis remembers of a key that is used: two limits and a quota. */
const entriesPerKey = 3;
const keysPerQuestion = 1000;

/**
 * Many keys with two limits and a quota are each used once: what Redis keeps of them, and beside it the
 * usage that a worker moves on to PostgreSQL. More uses of the same keys take no more.
 */
export const limitsRedisMemory: Scenario = {
	name: 'limits-redis-memory',
	title: 'memory of Redis for many keys with two limits and a quota in use',
	keys: () => 0,
	carrying: ({sizes}) => ({metered: sizes.coldKeys}),
	async run(bench) {
		const {options, fixture, services} = bench;
		const keys = fixture.metered.slice(0, options.sizes.coldKeys);
		const redis = await connectBenchRedis(services);
		try {
			const program = await bench.startServer();
			// What earlier scenarios left behind is not part of it.
			await redis.flushdb();
			const before = await memoryOf(redis, 'used_memory');
			const names = createRedisNames(services.redis.prefix);
			const target = {...find('forward-auth'), keys: 'metered'} as const;
			let uses = 0;
			const faults: string[] = [];
			// Uses that the server decides by itself, because Redis took too long, leave nothing there.
			for (let missing = keys; missing.length > 0; missing = await missingIn(redis, names, keys)) {
				const {connections} = options;
				const used = await bench.useOnce({program, target, keys: missing, connections});
				uses += used.requests;
				faults.push(...failures('limits-redis-memory', used, missing.length));
				if (faults.length > 0) break;
			}
			const usageBatches = () => redis.smembers(names.usageIndex);
			await eventually(
				async () => {
					const sizes = await Promise.all((await usageBatches()).map((name) => redis.hlen(name)));
					return sizes.reduce((total, size) => total + size, 0) > keys.length;
				},
				{withinMs, what: 'usage in Redis'},
			);
			// Quotas are added when Redis is asked again.
			await eventually(async () => (await redis.dbsize()) >= entriesPerKey * keys.length, {
				withinMs,
				what: 'quotas in Redis',
			});
			const entries = await redis.dbsize();
			const after = await memoryOf(redis, 'used_memory');
			let usage = 0;
			for (const name of await usageBatches()) {
				usage += (await redis.memory('USAGE', name, 'SAMPLES', 0)) ?? 0;
			}
			const mb = (bytes: number) => rounded(bytes / megabyte, 1);
			const perKey = (bytes: number) => Math.round(bytes / keys.length);
			const result = {
				keys: keys.length,
				entries,
				uses,
				usedBeforeMb: mb(before),
				usedAfterMb: mb(after),
				peakMb: mb(await memoryOf(redis, 'used_memory_peak')),
				limitsMb: mb(after - before - usage),
				limitsBytesPerKey: perKey(after - before - usage),
				usageMb: mb(usage),
				usageBytesPerKey: perKey(usage),
			};
			const table = layOut(
				['memory of Redis', ''],
				[
					[
						`${keys.length} keys with two limits and a quota, used`,
						`${uses} uses, ${entries} entries`,
					],
					['used before', `${result.usedBeforeMb} MB`],
					['used after (peak)', `${result.usedAfterMb} (${result.peakMb}) MB`],
					['  limits and quotas', `${result.limitsMb} MB`],
					['    bytes per key', String(result.limitsBytesPerKey)],
					['  usage of one hour, of one server', `${result.usageMb} MB`],
					['    bytes per key', String(result.usageBytesPerKey)],
				],
			);
			return {result, table, faults};
		} finally {
			redis.disconnect();
		}
	},
};

/** Those whose limits Redis does not know. */
async function missingIn(
	redis: Redis,
	names: RedisNames,
	keys: readonly PresentedKey[],
): Promise<PresentedKey[]> {
	const missing: PresentedKey[] = [];
	for (let from = 0; from < keys.length; from += keysPerQuestion) {
		const some = keys.slice(from, from + keysPerQuestion);
		const pipeline = redis.pipeline();
		for (const {id, organisationId} of some) {
			const subject = limitSubject({shared: undefined}, {lineageId: id});
			pipeline.exists(...['hour', 'day'].map((name) => names.limit(organisationId, subject, name)));
		}
		const answers = (await pipeline.exec()) ?? [];
		missing.push(...some.filter((_, place) => answers[place]?.[1] !== 2));
	}
	return missing;
}
