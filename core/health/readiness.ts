import type {Knex} from 'knex';
import type {Dependency} from '../../contract/health.ts';
import type {SessionPool} from '../db/pool.ts';
import type {Limiter} from '../limits/limiter.ts';
import {countSilentSlots, slotCount} from '../redis/cluster.ts';
import type {RedisClient} from '../redis/connect.ts';
import type {RedisNames} from '../redis/names.ts';
import {refusalOf} from '../redis/refusal.ts';
import {withTimeout} from '../with-timeout.ts';

/** A check that takes longer than this counts as failed, in milliseconds. */
const patienceMs = 1000;
/** Answers are kept this long: probes must not load what they probe. */
const freshMs = 500;
/** A full disk of PostgreSQL shows only when something is written: it is told of for this long. */
const fullToldMs = 60_000;
/** The probe of Redis is forgotten after this long. */
const probeLifetimeMs = 60_000;

/** SQLSTATE of a disk that is full. */
const diskFull = '53100';

/** Writes as everything of ours does, by a script: a right that is missing shows, too. */
const probeScript = `return redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])`;

type AskedOfPostgresql = {db: Knex; verificationPool?: SessionPool; termsVersion?: number};
type AskedOfRedis = {
	redis: RedisClient;
	names: RedisNames;
	limiter?: Pick<Limiter, 'isRedisAsked'>;
};

/**
 * Asks PostgreSQL and Redis how they are, each at most twice a second. That they answer is not all:
 * what can only be read, is full or refuses us does not do what it is there for.
 *
 * @param deps.verificationPool a server is asked by this: ready means that it could verify
 * @param deps.limiter of a server: whether it has Redis decide about limits
 * @param deps.termsVersion which terms of keys a server understands
 */
export function createReadiness(deps: AskedOfPostgresql & AskedOfRedis) {
	return {postgresql: createPostgresqlReadiness(deps), redis: createRedisReadiness(deps)};
}

/** The same of PostgreSQL alone. */
export function createPostgresqlReadiness({
	db,
	verificationPool,
	termsVersion,
}: AskedOfPostgresql): () => Promise<Dependency> {
	let fullAt = Number.NEGATIVE_INFINITY;
	db.on('query-error', (error: unknown) => {
		if (error instanceof Error && 'code' in error && error.code === diskFull) {
			fullAt = performance.now();
		}
	});

	async function askPostgresql(): Promise<Dependency> {
		const statement = `select pg_is_in_recovery() as "isStandby",
			current_setting('transaction_read_only') = 'on' as "isReadOnly",
			least_terms_version() as "leastTermsVersion"`;
		type Answer = {
			rows: {isStandby: boolean; isReadOnly: boolean; leastTermsVersion: number | null}[];
		};
		const asked: Promise<Answer> =
			verificationPool?.query<Answer['rows'][number]>({text: statement}) ??
			db.raw<Answer>(statement);
		const [row] = (await withTimeout(asked, patienceMs)).rows;
		const least = row?.leastTermsVersion ?? Number.POSITIVE_INFINITY;
		if (termsVersion !== undefined && termsVersion < least) return tooOld;
		if (row?.isStandby === true) return readOnly('PostgreSQL is a standby and takes no writes');
		if (row?.isReadOnly === true) return readOnly('PostgreSQL is read-only');
		if (performance.now() - fullAt < fullToldMs) {
			const detail = `the disk of PostgreSQL is full; ${onlyRead}`;
			return {state: 'degraded', reason: 'full', detail};
		}
		return {state: 'ok'};
	}

	return remembered(() =>
		askPostgresql().catch((): Dependency => ({
			state: 'down',
			reason: 'away',
			detail: 'PostgreSQL does not answer; no key can be looked up and nothing be changed',
		})),
	);
}

/** The same of Redis alone. */
export function createRedisReadiness({
	redis,
	names,
	limiter,
}: AskedOfRedis): () => Promise<Dependency> {
	const probeRedis = (name: string) =>
		withTimeout(redis.eval(probeScript, 1, name, probeLifetimeMs), patienceMs);

	async function askRedis(): Promise<Dependency> {
		await probeRedis(names.probe);
		// A user that was set up before there were limits may not use their names.
		const refusal = await probeRedis(names.limitsProbe).then(() => undefined, refusalOf);
		if (refusal?.reason === 'no_right') {
			return {
				state: 'degraded',
				...refusal,
				detail: `${refusal.detail}; rate limits: ${withoutLimits}`,
			};
		}
		const silent = await countSilentSlots(redis);
		if (silent === 0 && limiter?.isRedisAsked !== false) return {state: 'ok'};
		if (silent === 0) {
			const detail = `Redis does not answer about rate limits in time; ${withoutLimits}`;
			return {state: 'degraded', reason: 'slow', detail};
		}
		const detail = `Redis Cluster: nobody answers for ${silent} of ${slotCount} slots; ${withoutSlots}`;
		return {state: 'degraded', reason: 'slots_away', detail};
	}

	return remembered(() =>
		askRedis().catch((error: unknown): Dependency => {
			const {reason, detail} = refusalOf(error) ?? {
				reason: 'away' as const,
				detail: 'Redis does not answer',
			};
			return {state: 'degraded', reason, detail: `${detail}; ${withoutRedis}`};
		}),
	);
}

const onlyRead = 'keys are checked, but nothing can be changed and no use is written';
const withoutSlots =
	'rate limits of the organisations in them are kept without Redis; usage, webhooks and repeated work go on';
const withoutLimits = 'each server keeps its share of them, unless a key policy says otherwise';
const withoutRedis = `rate limits: ${withoutLimits}; servers write usage straight to PostgreSQL, webhooks and repeated work wait`;

const tooOld: Dependency = {
	state: 'down',
	reason: 'too_old',
	detail:
		'keys carry terms that this version of Latchkey does not know; it answers no check of a key',
};

function readOnly(what: string): Dependency {
	return {state: 'degraded', reason: 'read_only', detail: `${what}; ${onlyRead}`};
}

function remembered<T>(ask: () => Promise<T>): () => Promise<T> {
	let answer: Promise<T> | undefined;
	let askedAt = 0;
	return () => {
		const now = performance.now();
		if (answer === undefined || now - askedAt > freshMs) {
			askedAt = now;
			answer = ask();
		}
		return answer;
	};
}
