import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import type {Knex} from 'knex';
import type {Diagnosis} from '../../contract/diagnosis.ts';
import type {Dependency} from '../../contract/health.ts';
import type {Environment} from '../config/load.ts';
import {connectDatabase} from '../db/connect.ts';
import type {Deps} from '../deps.ts';
import {
	createPostgresqlReadiness,
	createReadiness,
	createRedisReadiness,
} from '../health/readiness.ts';
import {createLog} from '../log.ts';
import {connectRedis, type RedisClient} from '../redis/connect.ts';
import {projectDirectory} from '../project-directory.ts';
import {createRedisNames} from '../redis/names.ts';
import {refusalOf} from '../redis/refusal.ts';
import {termsVersion} from '../verification/terms-version.ts';
import {withTimeout} from '../with-timeout.ts';
import type {Patient} from './check.ts';
import {examine} from './examine.ts';
import type {BundleFacts} from './facts/bundle.ts';
import {createFacts} from './facts/facts.ts';
import {settingsOf, settingsOfServer, type DoctorSettings} from './settings.ts';
import {thresholds as ordinary, type Thresholds} from './thresholds.ts';

const migrationsDirectory = join(projectDirectory, 'migrations');
/** Many consoles ask; all of it is looked at once in this time. */
const freshMs = 5000;
/** PostgreSQL and Redis may take so long to let the command in. */
const connectMs = 3000;
/** Of one statement of the command, which may look at more than a request does. */
const statementMs = 3000;

export type Examination = {patient: Patient; close: () => Promise<void>};

/**
 * The appliance as a command at the machine sees it: what is at fault in the configuration is left out, and
 * the rest is looked at all the same.
 */
export function atMachine(
	environment: Environment,
	{
		isOnline = false,
		bundle,
		thresholds = ordinary,
	}: {isOnline?: boolean; bundle?: BundleFacts | undefined; thresholds?: Thresholds} = {},
): Examination {
	const {faults, settings} = settingsOf(environment);
	const names = createRedisNames(settings.redis?.prefix ?? 'latchkey');
	const db = settings.database && connectToLook(settings.database);
	const [redis, redisOf] = connectToRedis(settings, names);
	const away: Dependency = {state: 'down', reason: 'away'};
	return {
		patient: {
			place: 'machine',
			isOnline,
			bundle,
			configurationFaults: faults,
			settings,
			thresholds,
			termsVersion,
			db,
			redis,
			names,
			dependencies: {
				postgresql: db === undefined ? async () => away : postgresqlOf(db),
				redis: redisOf,
			},
			facts: createFacts({db, redis, names, thresholds, migrationsDirectory}),
		},
		async close() {
			redis?.disconnect();
			await db?.destroy();
		},
	};
}

/**
 * What a server finds about the appliance, for whoever asks it: looked at when somebody asks, once in five
 * seconds at most, two questions at a time.
 */
export function createServerDoctor(deps: Deps): () => Promise<Diagnosis> {
	const {db, redis, config} = deps;
	const names = createRedisNames(config.redis.prefix);
	const dependencies = createReadiness({...deps, names});
	const settings = settingsOfServer(config);
	let answer: Promise<Diagnosis> | undefined;
	let askedAt = Number.NEGATIVE_INFINITY;
	return () => {
		const now = performance.now();
		if (answer === undefined || now - askedAt > freshMs) {
			askedAt = now;
			answer = examine({
				place: 'server',
				isOnline: false,
				configurationFaults: [],
				settings,
				thresholds: ordinary,
				termsVersion: deps.termsVersion,
				db,
				redis,
				names,
				dependencies,
				facts: createFacts({db, redis, names, thresholds: ordinary, migrationsDirectory}),
			});
		}
		return answer;
	};
}

function connectToLook(database: NonNullable<DoctorSettings['database']>): Knex {
	const connectTimeoutMs = Math.min(database.connectTimeoutMs, connectMs);
	return connectDatabase({...database, poolMax: 3, connectTimeoutMs}, 'doctor', {
		statementTimeoutMs: statementMs,
		queryTimeoutMs: statementMs + 500,
	});
}

/** A database without a schema answers, too: what it lacks is another question. */
function postgresqlOf(db: Knex): () => Promise<Dependency> {
	const ask = createPostgresqlReadiness({db, termsVersion});
	return async () => {
		const first = db.raw<{rows: [{isEmpty: boolean}]}>(
			`select to_regproc('public.least_terms_version') is null as "isEmpty"`,
		);
		// The first connection may take longer than an answer.
		const isEmpty = await withTimeout(Promise.resolve(first), connectMs).then(
			({rows}) => rows[0].isEmpty,
			() => false,
		);
		return isEmpty ? {state: 'ok'} : ask();
	};
}

function connectToRedis(
	{redis: config}: DoctorSettings,
	names: Patient['names'],
): [RedisClient | undefined, ask: () => Promise<Dependency>] {
	const none: Dependency = {state: 'degraded', reason: 'away'};
	if (config === undefined) return [undefined, async () => none];
	// What is wrong is told by the checks.
	const log = createLog(
		{program: 'doctor', logLevel: 'silent', keyPrefix: 'hklst_'},
		{write: () => {}},
	);
	const redis = connectRedis(config, log, 1500);
	const ask = createRedisReadiness({redis, names});
	let last: unknown;
	redis.on('error', (error: unknown) => {
		last = error;
	});
	const endsAt = performance.now() + connectMs;
	return [
		redis,
		async () => {
			while (redis.status !== 'ready' && last === undefined && performance.now() < endsAt) {
				await sleep(10);
			}
			const state = await ask();
			// Who is not let in is refused when it connects.
			const refused = state.reason === 'away' ? refusalOf(last) : undefined;
			return refused === undefined ? state : {state: 'degraded', ...refused};
		},
	];
}
