import type {Knex} from 'knex';
import {isUuid} from '../../contract/text.ts';
import {createRedisNames} from '../../core/redis/names.ts';
import {settleUsage} from '../../core/usage/settle.ts';
import {eventually} from '../../test/helpers/program.ts';
import {layOut, rounded} from '../figures.ts';
import {connectBenchRedis} from '../redis.ts';
import {failures, type Scenario} from '../scenario.ts';
import {connectBench} from '../statements.ts';
import {find} from '../targets.ts';

const goals = {passSeconds: 1, behindSeconds: 5};
const withinMs = 30_000;

/**
 * Keys are used, and PostgreSQL learns of it: once with the worker's pass run by the bench, to
 * time it alone; once with a worker, to time how far `last_used_at` is behind.
 */
export const lastUsed: Scenario = {
	name: 'last-used',
	title: 'last_used_at: the worker’s pass, and how far it is behind',
	keys: ({sizes}) => sizes.lastUsedKeys,
	async run(bench) {
		const {options, fixture, services} = bench;
		const {connections} = options;
		const keys = fixture.known.slice(0, options.sizes.lastUsedKeys);
		const program = await bench.startServer();
		const target = find('self');
		const redis = await connectBenchRedis(services);
		const db = connectBench(services.database);
		try {
			const names = createRedisNames(services.redis.prefix);
			const settle = () => settleUsage({redis, names, db, settled: new Map(), now: Date.now});
			// What earlier scenarios left behind is not part of it: settled, it can go.
			await settle();
			await redis.del(names.usageIndex, ...(await redis.smembers(names.usageIndex)));
			const firstAt = new Date();
			const first = await bench.useOnce({program, target, keys, connections});
			const refused = failures('last used, first', first, keys.length);
			// What was not used is waited for in vain.
			if (refused.length > 0) throw new Error(refused.join('\n'));
			await eventually(
				async () => {
					const batches = await redis.smembers(names.usageIndex);
					const fields = await Promise.all(batches.map((name) => redis.hkeys(name)));
					// Details have fields of their own beside those of keys. A server that finds Redis too slow, as on
					// a machine that is full, has told PostgreSQL itself.
					const told = new Set([
						...fields.flat().filter(isUuid),
						...(await usedSince(db, firstAt)),
					]);
					return told.size >= keys.length;
				},
				{withinMs, what: 'usage in Redis'},
			);
			const beginsAt = performance.now();
			const pass = await settle();
			const passSeconds = (performance.now() - beginsAt) / 1000;
			const settled = await countUsed(db, firstAt);

			await bench.startWorker();
			const secondAt = new Date();
			const second = await bench.useOnce({program, target, keys, connections});
			const endedAt = performance.now();
			await eventually(async () => (await countUsed(db, secondAt)) >= keys.length, {
				withinMs,
				what: 'last_used_at of every key',
			});
			const behindSeconds = (performance.now() - endedAt) / 1000;

			const result = {
				keys: keys.length,
				passSeconds: rounded(passSeconds, 3),
				passKeys: pass.keys,
				behindSeconds: rounded(behindSeconds, 2),
				goals,
				failures: first.failureCount + second.failureCount,
			};
			return {
				result,
				table: layOut(
					['last_used_at', 'measured', 'goal'],
					[
						[
							`one pass of the worker, ${keys.length} keys`,
							`${result.passSeconds} s`,
							`${goals.passSeconds} s`,
						],
						[
							'last use to all in PostgreSQL',
							`${result.behindSeconds} s`,
							`${goals.behindSeconds} s`,
						],
					],
				),
				faults: [
					...failures('last used, second', second, keys.length),
					...(settled === keys.length
						? []
						: [`last used: ${settled} of ${keys.length} keys after the pass`]),
				],
			};
		} finally {
			redis.disconnect();
			await db.destroy();
		}
	},
};

async function countUsed(db: Knex, since: Date): Promise<number> {
	const [row] = await db('api_keys').where('last_used_at', '>=', since).count({count: '*'});
	return Number(row?.['count']);
}

async function usedSince(db: Knex, since: Date): Promise<string[]> {
	return db('api_keys').where('last_used_at', '>=', since).pluck('id');
}
