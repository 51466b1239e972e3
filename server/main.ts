import cluster from 'node:cluster';
import {setTimeout as sleep} from 'node:timers/promises';
import {bySystem} from '../core/actor.ts';
import {setClock} from '../core/clock/store.ts';
import {loadServerConfig, readMasterKeys} from '../core/config/config.ts';
import {ConfigurationError} from '../core/config/load.ts';
import {settings} from '../core/config/settings.ts';
import {connectDatabase, requestWaitMs} from '../core/db/connect.ts';
import {createDeps, shippedParts, type Deps, type Parts} from '../core/deps.ts';
import {createLog} from '../core/log.ts';
import {setUp} from '../core/setup.ts';
import {requireLastingSecrets} from '../core/secrets/lasting.ts';
import {openSecrets} from '../core/open-secrets.ts';
import {stopSignals, waitForSchema, whenAvailable} from '../core/start.ts';
import {refuseToStart} from '../core/verification/terms-version.ts';
import {createHandler} from './app.ts';
import {createListener, drain, startListening} from './listener.ts';
import {createMetrics} from './metrics/metrics.ts';

/**
 * The API server, from its environment to a listening socket; returns when it listens. SIGTERM,
 * SIGINT and SIGHUP stop it: no request and no usage is lost.
 *
 * @param migrationsDirectory tells which schema this version needs
 * @throws {ConfigurationError | SecretsError | SchemaError | NewerNeeded}
 */
export async function main(
	migrationsDirectory: string,
	parts: Parts = shippedParts,
): Promise<void> {
	const config = loadServerConfig(process.env);
	requireLastingSecrets(config);
	const log = createLog(config);
	const db = connectDatabase(config.database, 'server', {waitMs: requestWaitMs(config.database)});
	await waitForSchema(db, migrationsDirectory, log);
	await whenAvailable(() => refuseToStart(db, parts.termsVersion), log);
	const secrets = await whenAvailable(
		() => openSecrets({db, log, readMasterKeys: () => readMasterKeys(process.env)}),
		log,
	);
	const deps = createDeps(config, log, db, secrets, parts);
	await whenAvailable(() => setClock(deps.clock, db), log);
	await whenAvailable(() => makeBootstrapAdmin(deps), log);

	const draining = {isDraining: false};
	const metrics = createMetrics(deps);
	const server = createListener(createHandler(deps, metrics, draining), config, metrics, draining);
	deps.usage.start();
	deps.tail.start();
	deps.quotaWriter.start();
	deps.limitRefusals.start();
	deps.coherence.start();
	deps.signingKeys.start();
	await startListening(server, config);
	log.info({port: config.port, host: config.listenHost ?? '*'}, 'the API is listening');

	let isStopping = false;
	const stop = async (signal: string, status = 0) => {
		if (isStopping) return;
		isStopping = true;
		log.info({signal}, 'stopping');
		draining.isDraining = true;
		setTimeout(() => {
			log.error('work in hand did not end in time');
			process.exit(1);
		}, config.shutdownTimeoutMs + config.drainDelayMs).unref();
		await sleep(config.drainDelayMs);
		const isDrained = await drain(server, config.shutdownTimeoutMs - 2000);
		const isUsageKept = await deps.usage.drain();
		await deps.limitRefusals.drain();
		const areQuotasKept = await deps.quotaWriter.drain(deps.clock.now());
		const isKept = isUsageKept && areQuotasKept;
		if (!isKept) log.error('usage of the last seconds could not be written');
		// Connections to a PostgreSQL that stands still do not close; the end of the process closes them.
		await Promise.race([deps.close(), sleep(1000)]);
		log.info('stopped');
		process.exit(isDrained && isKept ? status : 1);
	};
	for (const signal of stopSignals) process.on(signal, () => void stop(signal));
	// Of several processes: the one that started this is gone, and nobody else would stop it.
	if (cluster.isWorker) process.on('disconnect', () => void stop('disconnect'));
	process.on('uncaughtException', (error) => {
		log.fatal({error}, 'uncaught exception');
		void stop('uncaughtException', 1);
	});
	process.on('unhandledRejection', (error) => log.error({error}, 'unhandled rejection'));
}

/**
 * The first administrator from the environment, at the first start only.
 *
 * @throws {ConfigurationError} when the password will not do
 */
async function makeBootstrapAdmin({config, db, log}: Deps): Promise<void> {
	if (config.bootstrapAdmin === undefined) return;
	const setup = await setUp(db, bySystem('first start'), config.bootstrapAdmin);
	if (setup.kind === 'made') log.info({user_id: setup.userId}, 'the first administrator was made');
	if (setup.kind === 'bad password') {
		const {variable} = settings.bootstrapAdminPassword;
		throw new ConfigurationError([`${variable}: ${setup.fault}`]);
	}
}
