import path from 'node:path';
import {ConfigurationError, loadSettings} from '../../core/config/load.ts';

/** What `npm start` itself takes from the environment. */
export type LauncherSettings = {
	dataDirectory: string;
	/** Where secrets are, when the operator keeps them elsewhere. */
	secretsDirectory: string;
	port: number;
	/** The address the API listens on. */
	listenHost: string;
	/** Whether fetching a Redis package is allowed. */
	download: boolean;
	/** False when the operator has a PostgreSQL of their own. */
	startPostgres: boolean;
	startRedis: boolean;
};

/**
 * @param projectDirectory where the data directory lies unless LATCHKEY_DATA_DIR says otherwise.
 * @throws {ConfigurationError} that names every variable at fault, and how to mend it.
 */
export function readSettings(env: NodeJS.ProcessEnv, projectDirectory: string): LauncherSettings {
	const faults: string[] = [];
	const settings = collect(faults, () => loadSettings('start', env));

	const noDownload = env['LATCHKEY_NO_DOWNLOAD'] || '0';
	if (!['0', '1', 'true', 'false'].includes(noDownload)) {
		faults.push(
			`LATCHKEY_NO_DOWNLOAD: given ${JSON.stringify(noDownload)}; expected 1, true, 0 or false`,
		);
	}
	if (!settings || faults.length > 0) throw new ConfigurationError(faults);
	const dataDirectory = path.resolve(
		env['LATCHKEY_DATA_DIR'] || path.join(projectDirectory, '.latchkey'),
	);
	const secretsGiven = env['LATCHKEY_SECRETS_DIR'] || env['LATCHKEY_SECRETS_DIR_FILE'];
	return {
		dataDirectory,
		secretsDirectory: secretsGiven
			? path.resolve(settings.secretsDirectory ?? '')
			: path.join(dataDirectory, 'secrets'),
		port: settings.port ?? 8080,
		listenHost: settings.listenHost ?? '127.0.0.1',
		download: ['0', 'false'].includes(noDownload),
		startPostgres: (settings.databaseUrl ?? settings.databaseHost) === undefined,
		startRedis:
			(settings.redisUrl ??
				settings.redisHost ??
				settings.redisSentinels ??
				settings.redisCluster) === undefined,
	};
}

/**
 * Says what the programs would refuse, before anything is started for them. The secrets must exist
 * by now.
 *
 * @throws {ConfigurationError}
 */
export function checkProgramSettings(env: NodeJS.ProcessEnv): void {
	const faults: string[] = [];
	for (const program of ['migrate', 'server', 'worker'] as const) {
		collect(faults, () => loadSettings(program, env));
	}
	if (faults.length > 0) throw new ConfigurationError([...new Set(faults)]);
}

function collect<Result>(faults: string[], read: () => Result): Result | undefined {
	try {
		return read();
	} catch (error) {
		if (!(error instanceof ConfigurationError)) throw error;
		faults.push(...error.faults);
		return undefined;
	}
}
