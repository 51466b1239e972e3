import type {PostgresAddress} from './postgres/postgres.ts';
import type {LauncherSettings} from './settings.ts';

/**
 * As in the image: glibc's default of eight arenas for each core holds memory that a Node process does not use.
 * An operator may say otherwise.
 */
export const allocatorSettings = {MALLOC_ARENA_MAX: '2'};

/** The operator's environment, with what differs from a container's defaults. */
export function programEnvironment(settings: LauncherSettings): NodeJS.ProcessEnv {
	const env: NodeJS.ProcessEnv = {
		...allocatorSettings,
		...process.env,
		NODE_ENV: 'production',
		LATCHKEY_SECRETS_DIR: settings.secretsDirectory,
		LATCHKEY_ALLOW_EPHEMERAL_SECRETS: '1',
		LATCHKEY_LISTEN_HOST: settings.listenHost,
	};
	// Those given as files have been read above; both forms at once would be refused.
	delete env['LATCHKEY_SECRETS_DIR_FILE'];
	delete env['LATCHKEY_LISTEN_HOST_FILE'];
	delete env['LATCHKEY_ALLOW_EPHEMERAL_SECRETS_FILE'];
	if (!env['LATCHKEY_PUBLIC_URL'] && !env['LATCHKEY_PUBLIC_URL_FILE']) {
		env['LATCHKEY_PUBLIC_URL'] = `http://localhost:${settings.port}`;
	}
	return env;
}

/**
 * By which a program finds the PostgreSQL that we started.
 *
 * @param passwordFile with the password of the role of server and worker.
 */
export function postgresEnvironment(
	postgres: PostgresAddress,
	passwordFile: string,
): Record<string, string> {
	return {
		LATCHKEY_DATABASE_PASSWORD: '',
		LATCHKEY_DATABASE_PASSWORD_FILE: passwordFile,
		LATCHKEY_DATABASE_HOST: postgres.host,
		LATCHKEY_DATABASE_PORT: String(postgres.port),
		LATCHKEY_DATABASE_NAME: postgres.database,
		LATCHKEY_DATABASE_USER: postgres.user,
	};
}

/**
 * For `migrate`: with the role that owns the schema of our PostgreSQL; the operator names that of
 * another one.
 *
 * @param passwordFile with the password of that role.
 */
export function asOwner(
	env: NodeJS.ProcessEnv,
	postgres: PostgresAddress | undefined,
	passwordFile: string,
): NodeJS.ProcessEnv {
	if (postgres === undefined) return env;
	return {
		...withoutOwner(env),
		LATCHKEY_DATABASE_MIGRATION_USER: postgres.owner,
		LATCHKEY_DATABASE_MIGRATION_PASSWORD_FILE: passwordFile,
	};
}

/** For every other program: without what `migrate` alone may know. */
export function withoutOwner(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
	return Object.fromEntries(
		Object.entries(env).filter(([name]) => !name.startsWith('LATCHKEY_DATABASE_MIGRATION_')),
	);
}
