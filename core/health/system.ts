import process from 'node:process';
import type {Knex} from 'knex';
import type {System} from '../../contract/system.ts';
import {toTimestamp} from '../../contract/text.ts';
import type {Clock} from '../clock/clock.ts';
import type {Limiter} from '../limits/limiter.ts';
import type {Log} from '../log.ts';
import type {RedisClient} from '../redis/connect.ts';
import type {RedisNames} from '../redis/names.ts';
import {version} from '../version.ts';
import {webhookLag} from '../webhooks/deliveries/lag.ts';
import {withTimeout} from '../with-timeout.ts';
import {readQueues} from './queues.ts';
import {createReadiness} from './readiness.ts';
import {countPending, listVerifiers, schemaFacts, type SeenVerifier} from './store.ts';
import {listWorkers, type SeenWorker} from '../workers/store.ts';

/** What is not known by then is answered as not known. */
const patienceMs = 800;
/** Many consoles ask; the parts are asked for once in this time. */
const freshMs = 1000;
/** More of them would fill no screen. */
const mostListed = 100;

/**
 * The health of the appliance, as far as it can be known now. Each part is asked for by itself, so that
 * one that is away or slow leaves the others known.
 */
export function createSystemState(deps: {
	db: Knex;
	termsVersion: number;
	redis: RedisClient;
	names: RedisNames;
	log: Log;
	clock: Clock;
	limiter?: Pick<Limiter, 'isRedisAsked'>;
}): () => Promise<System> {
	const {db, redis, names, log, clock} = deps;
	const state = createReadiness(deps);
	const known = async <T>(asked: Promise<T>): Promise<T | undefined> =>
		withTimeout(asked, patienceMs).catch((error: unknown) => {
			log.debug({error}, 'a part of the health of the appliance could not be read');
			return undefined;
		});
	let answer: Promise<System> | undefined;
	let askedAt = Number.NEGATIVE_INFINITY;

	const read = async (): Promise<System> => {
		const [postgresql, cache, schema, verifiers, workers, lag, pending, queues, redisVersion] =
			await Promise.all([
				state.postgresql(),
				state.redis(),
				known(schemaFacts(db)),
				known(listVerifiers(db, mostListed)),
				known(listWorkers(db, mostListed)),
				known(webhookLag(db)),
				known(countPending(db)),
				known(readQueues(redis, names, clock.now)),
				known(versionOf(redis)),
			]);
		const {version: node} = process;
		return {
			versions: {
				latchkey: version,
				node: node.slice(1),
				postgresql: schema?.postgresql ?? null,
				redis: redisVersion ?? null,
			},
			migration: schema?.migration ?? null,
			dependencies: {postgresql, redis: cache},
			verifiers: verifiers?.map(presentVerifier) ?? null,
			workers: workers?.map(presentWorker) ?? null,
			usage: schema && workers ? usageOf(workers, schema.now) : null,
			queues: queues ?? null,
			webhooks:
				lag === undefined || pending === undefined
					? null
					: {
							pending,
							due: lag.due,
							oldest_due_seconds: lag.oldestDueSeconds,
							in_flight: lag.inFlight,
							dead: lag.dead,
							paused_endpoints: lag.pausedEndpoints,
							disabled_endpoints: lag.disabledEndpoints,
						},
		};
	};

	return () => {
		const now = performance.now();
		if (answer === undefined || now - askedAt > freshMs) {
			askedAt = now;
			answer = read();
		}
		return answer;
	};
}

/** Valkey calls itself by its own name, and by that of the Redis it stands for. */
async function versionOf(redis: RedisClient): Promise<string | undefined> {
	const info = await redis.info('server');
	const valkey = /^valkey_version:(\S+)/m.exec(info)?.[1];
	return valkey === undefined ? /^redis_version:(\S+)/m.exec(info)?.[1] : `Valkey ${valkey}`;
}

function presentVerifier(seen: SeenVerifier): NonNullable<System['verifiers']>[number] {
	return {
		id: seen.id,
		name: seen.name,
		started_at: toTimestamp(seen.started_at),
		renewed_at: toTimestamp(seen.renewed_at),
		lease_until: toTimestamp(seen.lease_until),
		holds_lease: seen.holds_lease,
		clock_offset_seconds: inSeconds(seen.clock_offset_ms),
		terms_version: seen.terms_version,
	};
}

function presentWorker(seen: SeenWorker): NonNullable<System['workers']>[number] {
	const {id, name, version: of, state, takes_jobs} = seen;
	return {
		id,
		name,
		version: of,
		state,
		takes_jobs,
		started_at: toTimestamp(seen.started_at),
		seen_at: toTimestamp(seen.seen_at),
		flushed_at: seen.flushed_at && toTimestamp(seen.flushed_at),
		pumped_at: seen.pumped_at && toTimestamp(seen.pumped_at),
		failing_jobs: seen.failing_jobs,
		clock_offset_seconds: inSeconds(seen.clock_offset_ms),
	};
}

/** To a tenth: more is not known of a clock on another machine. */
function inSeconds(ms: number | null): number | null {
	return ms === null ? null : Math.round(ms / 100) / 10;
}

function usageOf(workers: readonly SeenWorker[], now: Date): System['usage'] {
	const flushes = workers.flatMap(({flushed_at}) => (flushed_at ? [flushed_at.getTime()] : []));
	if (flushes.length === 0) return null;
	const last = Math.max(...flushes);
	const lag = Math.max(0, now.getTime() - last) / 1000;
	return {flushed_at: toTimestamp(new Date(last)), lag_seconds: lag};
}
