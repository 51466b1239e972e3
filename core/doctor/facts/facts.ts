import type {Knex} from 'knex';
import {schemaState} from '../../db/migrate.ts';
import {readQueues, type QueueState} from '../../health/queues.ts';
import {listVerifiers, type SeenVerifier} from '../../health/store.ts';
import type {RedisClient} from '../../redis/connect.ts';
import type {RedisNames} from '../../redis/names.ts';
import {webhookLag, type WebhookLag} from '../../webhooks/deliveries/lag.ts';
import {listWorkers, type SeenWorker} from '../../workers/store.ts';
import type {Thresholds} from '../thresholds.ts';
import {readAppliance, type ApplianceFacts} from './appliance.ts';
import {
	readPostgresql,
	readReplication,
	readSlowWork,
	type PostgresqlFacts,
	type ReplicationFacts,
	type SlowWork,
} from './postgresql.ts';
import {readRedisNodes, type RedisNode} from './redis.ts';

/** What several checks go by, each read when it is first asked for. */
export type Facts = {
	postgresql: () => Promise<PostgresqlFacts>;
	slowWork: () => Promise<SlowWork>;
	replication: () => Promise<ReplicationFacts>;
	/** How far the clock of this machine is ahead of PostgreSQL's, in milliseconds. */
	clockOffset: () => Promise<number>;
	schema: () => Promise<{missing: string[]; newer: string[]}>;
	appliance: () => Promise<ApplianceFacts>;
	verifiers: () => Promise<SeenVerifier[]>;
	workers: () => Promise<SeenWorker[]>;
	webhooks: () => Promise<WebhookLag>;
	redisNodes: () => Promise<RedisNode[]>;
	queues: () => Promise<{maintenance: QueueState; webhooks: QueueState}>;
};

/** More of them would fill no screen. */
const mostListed = 100;

export function createFacts(from: {
	db: Knex | undefined;
	redis: RedisClient | undefined;
	names: RedisNames;
	thresholds: Thresholds;
	migrationsDirectory: string;
}): Facts {
	const {names, thresholds, migrationsDirectory} = from;
	const ofDatabase = <T>(read: (db: Knex) => Promise<T>) =>
		once(async () => {
			if (from.db === undefined) throw new Error('PostgreSQL is not configured');
			return read(from.db);
		});
	const ofRedis = <T>(read: (redis: RedisClient) => Promise<T>) =>
		once(async () => {
			if (from.redis === undefined) throw new Error('Redis is not configured');
			return read(from.redis);
		});
	return {
		postgresql: ofDatabase(readPostgresql),
		slowWork: ofDatabase((db) => readSlowWork(db, thresholds)),
		replication: ofDatabase(readReplication),
		clockOffset: ofDatabase(clockOffset),
		schema: ofDatabase((db) => schemaState(db, migrationsDirectory)),
		appliance: ofDatabase(readAppliance),
		verifiers: ofDatabase((db) => listVerifiers(db, mostListed)),
		workers: ofDatabase((db) => listWorkers(db, mostListed)),
		webhooks: ofDatabase(webhookLag),
		redisNodes: ofRedis(readRedisNodes),
		queues: ofRedis((redis) => readQueues(redis, names, Date.now)),
	};
}

/** By the quickest of some answers: what lies between asking and hearing is not known to either clock. */
async function clockOffset(db: Knex): Promise<number> {
	let best = {took: Number.POSITIVE_INFINITY, offset: 0};
	for (let time = 0; time < 3; time++) {
		const sent = Date.now();
		const {rows} = await db.raw<{rows: [{now: number}]}>(
			'select extract(epoch from clock_timestamp())::float8 * 1000 as now',
		);
		const took = Date.now() - sent;
		if (took < best.took) best = {took, offset: sent + took / 2 - rows[0].now};
	}
	return best.offset;
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
	let answer: Promise<T> | undefined;
	return () => (answer ??= read());
}
