import {setTimeout as sleep} from 'node:timers/promises';
import {signHeads} from '../core/audit/proof/sign-heads.ts';
import {Clock} from '../core/clock/clock.ts';
import {setClock} from '../core/clock/store.ts';
import {loadWorkerConfig, readMasterKeys} from '../core/config/config.ts';
import {connectDatabase} from '../core/db/connect.ts';
import {createLog} from '../core/log.ts';
import {openSecrets} from '../core/open-secrets.ts';
import {connectRedis} from '../core/redis/connect.ts';
import {createRedisNames} from '../core/redis/names.ts';
import {requireLastingSecrets} from '../core/secrets/lasting.ts';
import {stopSignals, waitForSchema, whenAvailable} from '../core/start.ts';
import {KnownUsage} from '../core/usage/known.ts';
import {withTimeout} from '../core/with-timeout.ts';
import {startHeartbeat} from './heartbeat.ts';
import {runOnce as flushUsage} from './jobs/flush-usage.ts';
import {createWorkerMetrics} from './metrics.ts';
import {listenForProbes} from './probes.ts';
import {warnAboutRedisPolicy} from './redis-policy.ts';
import {startRunner} from './runner.ts';
import {startWebhooks} from './webhooks/run.ts';

/**
 * The worker; returns when it takes jobs. SIGTERM, SIGINT and SIGHUP stop it after the pass in
 * hand.
 *
 * @throws {ConfigurationError | SecretsError | SchemaError}
 */
export async function main(migrationsDirectory: string): Promise<void> {
	const config = loadWorkerConfig(process.env);
	requireLastingSecrets(config);
	const log = createLog(config);
	const db = connectDatabase(config.database, 'worker', {
		statementTimeoutMs: 30_000,
		queryTimeoutMs: 31_000,
	});
	await waitForSchema(db, migrationsDirectory, log);
	const {vault, signingKeys} = await whenAvailable(
		() => openSecrets({db, log, readMasterKeys: () => readMasterKeys(process.env)}),
		log,
	);
	signingKeys.start();
	const clock = new Clock({log});
	await whenAvailable(() => setClock(clock, db), log);

	// Reading a batch of 100,000 keys takes longer than the request path would wait.
	const redis = connectRedis(config.redis, log, 10_000);
	redis.once('ready', () => void warnAboutRedisPolicy(redis, log));
	const deps = {
		config,
		log,
		db,
		redis,
		clock,
		names: createRedisNames(config.redis.prefix),
		vault,
		signingKeys,
		settledUsage: new Map<string, number>(),
		knownUsage: new KnownUsage(),
	};
	const metrics = createWorkerMetrics();
	const runner = startRunner(deps, metrics.note);
	const webhooks = await startWebhooks(deps);
	const endHeartbeat = startHeartbeat(deps, {runner, webhooks});
	const closeProbes = await listenForProbes({...deps, runner, webhooks, metrics});
	log.info('the worker is running');

	let isStopping = false;
	const stop = async (signal: string, status = 0) => {
		if (isStopping) return;
		isStopping = true;
		log.info({signal}, 'stopping');
		setTimeout(() => {
			log.error('work in hand did not end in time');
			process.exit(1);
		}, config.shutdownTimeoutMs).unref();
		await closeProbes();
		const [isClosed] = await Promise.all([
			runner.stop(config.shutdownTimeoutMs / 2),
			webhooks.stop(config.shutdownTimeoutMs / 2),
		]);
		// A server that stopped just before has left its last counts in Redis.
		const lastPass = isClosed ? flushUsage(deps) : Promise.reject(new Error('Redis is away'));
		await withTimeout(lastPass, config.shutdownTimeoutMs / 4).catch((error: unknown) =>
			log.warn({error}, 'no last pass of usage; the next worker does it'),
		);
		await withTimeout(signHeads(deps), config.shutdownTimeoutMs / 8).catch((error: unknown) =>
			log.warn({error}, 'the ends of the audit trail are not signed; the next worker does it'),
		);
		await withTimeout(endHeartbeat(), config.shutdownTimeoutMs / 8).catch(() => {});
		signingKeys.stop();
		redis.disconnect();
		// Connections to a PostgreSQL that stands still do not close; the end of the process closes
		// them.
		await Promise.race([db.destroy(), sleep(1000)]);
		log.info('stopped');
		process.exit(status);
	};
	for (const signal of stopSignals) process.on(signal, () => void stop(signal));
	process.on('uncaughtException', (error) => {
		log.fatal({error}, 'uncaught exception');
		void stop('uncaughtException', 1);
	});
	process.on('unhandledRejection', (error) => log.error({error}, 'unhandled rejection'));
}
