import {realpath} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {ConfigurationError, exitConfiguration} from '../core/config/load.ts';
import {forgetServiceLinks} from '../core/config/service-links.ts';
import {projectDirectory} from '../core/project-directory.ts';
import {apiUrl, becomesReady, requireFreePort, setupRequired} from './embedded/api.ts';
import {banner, settingsAsTyped} from './embedded/banner.ts';
import type {RunningDaemon} from './embedded/daemon.ts';
import {
	asOwner,
	postgresEnvironment,
	programEnvironment,
	withoutOwner,
} from './embedded/environment.ts';
import {StartRefused} from './embedded/errors.ts';
import {lockDirectory} from './embedded/lock.ts';
import {postgresHome} from './embedded/postgres/home.ts';
import {passwordFile} from './embedded/postgres/passwords.ts';
import {hasCluster} from './embedded/postgres/cluster.ts';
import type {Postgres} from './embedded/postgres/postgres.ts';
import {
	findLeftovers,
	keepRunning,
	ProgramFailed,
	runToEnd,
	stopLeftovers,
} from './embedded/program.ts';
import type {Program} from './embedded/program.ts';
import type {Redis} from './embedded/redis/redis.ts';
import {logDirectory, openDataDirectory, openPostgres, openRedis} from './embedded/services.ts';
import {checkProgramSettings, readSettings} from './embedded/settings.ts';
import type {LauncherSettings} from './embedded/settings.ts';
import {aborted, listenForSignals} from './embedded/signals.ts';
import {createTerminal, duration} from './embedded/terminal.ts';
import {createSecrets, missingSecrets} from './secrets.ts';

/*
`npm start`: the whole appliance without Docker, for evaluation. PostgreSQL, Redis, server and
worker are processes of their own, so that killing this one loses nothing: the next start adopts the
first two and replaces the others.
*/

const entry = path.join(import.meta.dirname, 'latchkey.js');
const drainWithinMs = 30_000;
/**
 * For programs that a killed start has left behind: a person is waiting for this start, and nothing
 * acknowledged depends on how they end.
 */
const leftoversWithinMs = 4000;
/**
 * No password for Redis: the folder of its socket keeps others out. Those of PostgreSQL are kept
 * apart.
 */
const secretNames = ['encryption_key', 'setup_token', 'instance_id'] as const;

type Running = {
	postgres?: Postgres;
	redis?: Redis;
	programs: Program[];
	revivals: Set<Promise<void>>;
};

const terminal = createTerminal(process.stdout);
const {stop, hurry} = listenForSignals((text) => terminal.line(`\n${text}`));
const running: Running = {programs: [], revivals: new Set()};
/** Aborted when services are about to be stopped, for whatever reason. */
const ending = new AbortController();

let exitCode = 0;
try {
	await start();
} catch (error) {
	exitCode = stop.aborted ? 0 : explain(error);
}

try {
	await shutDown();
} catch (error) {
	exitCode = explain(error);
}

process.exit(exitCode);

/** Runs until `stop` is aborted; rejects when it cannot go on. */
async function start() {
	const begun = performance.now();
	forgetServiceLinks(process.env);
	const settings = readSettings(process.env, projectDirectory);
	terminal.line('Latchkey starts, in evaluation mode.');

	await openDataDirectory(settings.dataDirectory);
	const dataDirectory = await realpath(settings.dataDirectory);
	await takeLock(dataDirectory);

	const leftovers = await findLeftovers(entry, settings.secretsDirectory, [
		'server',
		'worker',
		'migrate',
	]);
	if (leftovers.length === 0) await requireFreePort(settings.listenHost, settings.port);
	const env = programEnvironment(settings);
	Object.assign(env, await startServices(dataDirectory, settings, env));
	stop.throwIfAborted();
	// Only now: what they still have in hand needs PostgreSQL and Redis.
	if (leftovers.length > 0) {
		await terminal.step('before', async () => {
			await stopLeftovers(leftovers, leftoversWithinMs, hurry);
			const names = leftovers.map(({args, pid}) => `${args.at(-1)} (process ${pid})`);
			return {result: undefined, said: `stopped what a killed start had left: ${names.join(', ')}`};
		});
		await requireFreePort(settings.listenHost, settings.port);
	}
	const program = (name: string) => ({
		name,
		// With the launcher's own flags: what holds for it holds for what it starts.
		args: [...process.execArgv, entry, name],
		env:
			name === 'migrate'
				? asOwner(env, running.postgres, passwordFile(dataDirectory, 'owner'))
				: withoutOwner(env),
		logFile: path.join(logDirectory(dataDirectory), `${name}.log`),
		say: (text: string) => terminal.line(`  ${text}`),
	});
	await terminal.step('database', async () => {
		await runToEnd(program('migrate'), stop);
		return {result: undefined, said: 'schema is up to date'};
	});
	const url = apiUrl(settings.listenHost, settings.port);
	await terminal.step('programs', async (announce) => {
		for (const name of ['server', 'worker']) {
			running.programs.push(await keepRunning(program(name)));
		}
		const failed = running.programs.map(async (one) => one.failed);
		await Promise.race([becomesReady(url, announce, stop), ...failed]);
		return {result: undefined, said: 'server and worker are ready'};
	});
	running.programs.forEach((one) => one.markReady());

	const required = await setupRequired(url, stop);
	stop.throwIfAborted();
	terminal.line();
	terminal.line(`Latchkey is ready, after ${duration(performance.now() - begun)}.`);
	terminal.line();
	terminal.line(
		banner({
			url,
			dataDirectory,
			secretsDirectory: settings.secretsDirectory,
			logDirectory: logDirectory(dataDirectory),
			settings: settingsAsTyped(process.env),
			setupRequired: required,
		}),
	);
	terminal.line();

	await Promise.race([aborted(stop), ...running.programs.map(async (one) => one.failed)]);
}

async function takeLock(dataDirectory: string) {
	const {lock, ...holder} = await lockDirectory(dataDirectory);
	if (!lock) {
		const who = 'heldBy' in holder && holder.heldBy ? ` (process ${holder.heldBy})` : '';
		throw new StartRefused(
			`Latchkey runs already on ${dataDirectory}${who}. Stop it first, or choose another data directory with LATCHKEY_DATA_DIR and another port with LATCHKEY_PORT.`,
		);
	}
}

/**
 * Makes the secrets, and starts PostgreSQL and Redis side by side, except where the operator named
 * their own.
 *
 * @returns the environment by which the programs find them.
 */
async function startServices(
	dataDirectory: string,
	settings: LauncherSettings,
	env: NodeJS.ProcessEnv,
) {
	const home = settings.startPostgres ? await postgresHome(dataDirectory) : undefined;
	await terminal.step('secrets', async () => {
		const {created} = await makeSecrets(settings, home?.directory);
		const said = created.length > 0 ? `made ${created.join(', ')}` : 'present';
		return {result: undefined, said};
	});
	checkProgramSettings(env);

	// Both are waited for even if one fails, so that the other is known and can be stopped.
	const outcomes = await Promise.allSettled([
		home &&
			terminal
				.step('PostgreSQL', async (announce) => openPostgres(dataDirectory, home, announce))
				.then((postgres) => {
					running.postgres = postgres;
					revive('PostgreSQL', postgres);
				}),
		settings.startRedis &&
			terminal
				.step('Redis', async (announce) =>
					openRedis(dataDirectory, {download: settings.download, signal: stop}, announce),
				)
				.then((redis) => {
					running.redis = redis;
					revive('Redis', redis);
				}),
	]);
	for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
	const {postgres, redis} = running;
	return {
		...(postgres && postgresEnvironment(postgres, passwordFile(dataDirectory, 'user'))),
		...(redis && {LATCHKEY_REDIS_URL: redis.url}),
	};
}

/** New keys over old data would make it unreadable for good: better not to start. */
async function makeSecrets(settings: LauncherSettings, cluster: string | undefined) {
	const {secretsDirectory} = settings;
	const missing = await missingSecrets(secretsDirectory, ['encryption_key']);
	const needed = missing.filter((name) => {
		const variable = `LATCHKEY_${name.toUpperCase()}`;
		return !process.env[variable] && !process.env[`${variable}_FILE`];
	});
	if (cluster && needed.length > 0 && (await hasCluster(cluster))) {
		throw new StartRefused(
			`${cluster} holds a database, but its secrets (${needed.join(', ')}) are gone from ${secretsDirectory}. Restore them from a backup, or delete ${settings.dataDirectory} to begin anew with nothing.`,
		);
	}
	return createSecrets(secretsDirectory, {names: secretNames});
}

/** Restarts a service that ends without being asked to. */
function revive(name: string, service: RunningDaemon) {
	const watch = async () => {
		for (let pause = 500; ; pause = Math.min(pause * 2, 30_000)) {
			await service.ended();
			if (ending.signal.aborted) return;
			terminal.line(`  ${name} ended, starting it again`);
			const revival = service.start();
			running.revivals.add(revival);
			await revival
				.then(() => terminal.line(`  ${name} is back`))
				.catch((error: unknown) => terminal.line(`  ${name}: ${messageOf(error)}`))
				.finally(() => running.revivals.delete(revival));
			await delay(pause, undefined, {signal: ending.signal}).catch(() => undefined);
		}
	};
	void watch();
}

/** Server and worker drain first, so that what they still write finds Redis and PostgreSQL up. */
async function shutDown() {
	await Promise.all(running.programs.map(async (program) => program.stop(drainWithinMs, hurry)));
	ending.abort();
	await Promise.allSettled(running.revivals);
	const stopped = running.programs.length > 0 || running.postgres || running.redis;
	await running.redis?.stop();
	await running.postgres?.stop();
	if (stopped) terminal.line('Stopped. The data is kept for the next start.');
}

/** Says why the start ends. @returns the exit code. */
function explain(error: unknown): number {
	terminal.line();
	terminal.line(messageOf(error));
	if (error instanceof ProgramFailed) return error.exitCode;
	return error instanceof StartRefused || error instanceof ConfigurationError
		? exitConfiguration
		: 1;
}

function messageOf(error: unknown) {
	return error instanceof Error ? error.message : String(error);
}
