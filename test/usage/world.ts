import {randomUUID} from 'node:crypto';
import type {Knex} from 'knex';
import {connectDatabase} from '../../core/db/connect.ts';
import {createLog} from '../../core/log.ts';
import {connectRedis, type RedisClient} from '../../core/redis/connect.ts';
import {createRedisNames} from '../../core/redis/names.ts';
import {UsageRecorder} from '../../core/usage/recorder.ts';
import {settleUsage} from '../../core/usage/settle.ts';
import {eventually} from '../helpers/program.ts';
import {
	createDatabase,
	createRedis,
	type TestDatabase,
	type TestRedis,
} from '../helpers/services.ts';

export const log = createLog({program: 'test', logLevel: 'error', keyPrefix: 'hklst_'});

/** What usage goes through, of one file of tests. */
export type UsageWorld = {
	database: TestDatabase;
	service: TestRedis;
	db: Knex;
	redis: RedisClient;
	close: () => Promise<void>;
};

/**
 * @param isDurable whether Redis has its data again when it is started again
 * @param answerMs how long its commands may take; absent: as long as those of a server
 */
export async function openWorld({
	isDurable = false,
	answerMs,
}: {isDurable?: boolean; answerMs?: number} = {}): Promise<UsageWorld> {
	const [database, service] = await Promise.all([
		createDatabase(),
		createRedis({durable: isDurable}),
	]);
	// The bounds of the worker.
	const db = connectDatabase(database.config, 'test', {
		statementTimeoutMs: 30_000,
		queryTimeoutMs: 31_000,
	});
	const redis = connectRedis(service.config, log, answerMs);
	await eventually(() => redis.status === 'ready');
	return {
		database,
		service,
		db,
		redis,
		async close() {
			redis.disconnect();
			await db.destroy();
			await Promise.all([database.drop(), service.stop()]);
		},
	};
}

/** Names of an appliance of its own, a clock to set, and what tells and settles its usage. */
export function installation(
	{redis, db}: Pick<UsageWorld, 'redis' | 'db'>,
	{at = Date.now(), ...options}: {at?: number; maxEntries?: number} = {},
) {
	const prefix = `t${randomUUID().slice(0, 8)}`;
	const names = createRedisNames(prefix);
	const clock = {now: at};
	const settled = new Map<string, number>();
	const now = () => clock.now;
	return {
		prefix,
		names,
		clock,
		settled,
		recorder: () => new UsageRecorder({redis, names, db, log, now, monotonic: now, ...options}),
		settle: (map = settled, until = clock.now) =>
			settleUsage({redis, names, db, settled: map, now: () => until}),
	};
}

/** Keys of an organisation of their own. */
export async function makeKeys(
	db: Knex,
	count: number,
): Promise<{organisation: string; keys: string[]}> {
	const [{id: organisation} = {id: ''}] = await db('organisations')
		.insert({name: 'test'})
		.returning('id');
	const {rows} = await db.raw<{rows: {id: string}[]}>(
		`insert into api_keys (organisation_id, name, hash, hint)
		select ?, 'key', sha256(gen_random_uuid()::text::bytea), 'hint' from generate_series(1, ?::int)
		returning id`,
		[organisation, count],
	);
	return {organisation, keys: rows.map(({id}) => id)};
}
