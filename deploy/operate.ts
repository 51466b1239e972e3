import {spawn} from 'node:child_process';
import {once} from 'node:events';
import path from 'node:path';
import {ConfigurationError, exitConfiguration} from '../core/config/load.ts';
import {forgetServiceLinks} from '../core/config/service-links.ts';
import {projectDirectory} from '../core/project-directory.ts';
import {postgresEnvironment, programEnvironment} from './embedded/environment.ts';
import {StartRefused} from './embedded/errors.ts';
import {exists} from './exists.ts';
import {findPostgresHome} from './embedded/postgres/home.ts';
import {passwordFile} from './embedded/postgres/passwords.ts';
import {addressIn, addressOf} from './embedded/postgres/postgres.ts';
import {redisUrlOf} from './embedded/redis/redis.ts';
import {backupEnvironment, startForRestore} from './embedded/backup-services.ts';
import {readSettings, type LauncherSettings} from './embedded/settings.ts';
import {usage} from './operate-usage.ts';

/*
`npm run operate -- <command>`: a command at the machine, such as `secrets rotate`, on what `npm
start` runs.
*/

const entry = path.join(import.meta.dirname, 'latchkey.js');

const command = process.argv.slice(2);
forgetServiceLinks(process.env);

try {
	if (['-h', '--help', undefined].includes(command[0])) process.stdout.write(usage);
	else process.exitCode = await run(command);
} catch (error) {
	if (!(error instanceof StartRefused || error instanceof ConfigurationError)) throw error;
	console.error(error.message);
	process.exitCode = exitConfiguration;
}

async function run(command: readonly string[]): Promise<number> {
	if (command[0] !== 'restore' || command.includes('--help')) {
		return runWith(command, await environment(command));
	}
	const settings = readSettings(process.env, projectDirectory);
	const {env, postgres, stop} = await startForRestore(settings);
	try {
		const all = {...programEnvironment(settings), ...env};
		return await runWith(command, await backupEnvironment(all, settings, postgres));
	} finally {
		await stop();
	}
}

async function runWith(command: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
	const child = spawn(process.execPath, [entry, ...command], {env, stdio: 'inherit'});
	const [code] = (await once(child, 'exit')) as [number | null];
	return code ?? 1;
}

async function environment(command: readonly string[]): Promise<NodeJS.ProcessEnv> {
	if (command[0] === 'doctor') return environmentOfDoctor();
	const settings = readSettings(process.env, projectDirectory);
	const env = programEnvironment(settings);
	const isBackup = ['backup', 'drill'].includes(command[0] ?? '');
	if (!settings.startPostgres) {
		return isBackup ? backupEnvironment(env, settings, undefined) : env;
	}
	const address = await addressOf(await findPostgresHome(settings.dataDirectory));
	if (address === undefined) {
		throw new StartRefused(
			`Nothing runs on ${settings.dataDirectory}: start it first with npm start, or name another data directory with LATCHKEY_DATA_DIR.`,
		);
	}
	const all = {
		...env,
		...postgresEnvironment(address, passwordFile(settings.dataDirectory, 'user')),
	};
	return isBackup ? backupEnvironment(all, settings, address) : all;
}

/**
 * The same for a command that is to say what is wrong: whatever is, it runs. What `npm start` has not made
 * yet is looked for where it will be.
 */
async function environmentOfDoctor(): Promise<NodeJS.ProcessEnv> {
	let settings: LauncherSettings;
	try {
		settings = readSettings(process.env, projectDirectory);
	} catch (error) {
		if (!(error instanceof ConfigurationError)) throw error;
		// It names the same faults, beside everything else.
		return process.env;
	}
	const {dataDirectory, startPostgres, startRedis} = settings;
	const env: NodeJS.ProcessEnv = {
		...programEnvironment(settings),
		LATCHKEY_DATA_DIR: dataDirectory,
	};
	if (startPostgres) {
		const home = await findPostgresHome(dataDirectory);
		const password = passwordFile(dataDirectory, 'user');
		Object.assign(env, postgresEnvironment((await addressOf(home)) ?? addressIn(home), password));
		if (!(await exists(password))) delete env['LATCHKEY_DATABASE_PASSWORD_FILE'];
	}
	if (startRedis) env['LATCHKEY_REDIS_URL'] = await redisUrlOf(path.join(dataDirectory, 'redis'));
	return env;
}
