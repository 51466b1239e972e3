import type {PostgresAddress} from './postgres.ts';
import type {LauncherSettings} from './settings.ts';

/** The operator's environment, with what differs from a container's defaults. */
export function programEnvironment(settings: LauncherSettings): NodeJS.ProcessEnv {
	const env: NodeJS.ProcessEnv = {
		...process.env,
		NODE_ENV: 'production',
		LATCHKEY_SECRETS_DIR: settings.secretsDirectory,
		LATCHKEY_ALLOW_EPHEMERAL_SECRETS: '1',
		LATCHKEY_LISTEN_HOST: settings.listenHost,
	};
	// Given as files they have been read above; both forms at once would be refused.
	delete env['LATCHKEY_SECRETS_DIR_FILE'];
	delete env['LATCHKEY_LISTEN_HOST_FILE'];
	delete env['LATCHKEY_ALLOW_EPHEMERAL_SECRETS_FILE'];
	if (!env['LATCHKEY_PUBLIC_URL'] && !env['LATCHKEY_PUBLIC_URL_FILE']) {
		env['LATCHKEY_PUBLIC_URL'] = `http://localhost:${settings.port}`;
	}

	return env;
}

/** By which a program finds the PostgreSQL that we started. */
export function postgresEnvironment(postgres: PostgresAddress): Record<string, string> {
	return {
		LATCHKEY_DATABASE_HOST: postgres.host,
		LATCHKEY_DATABASE_PORT: String(postgres.port),
		LATCHKEY_DATABASE_NAME: postgres.database,
		LATCHKEY_DATABASE_USER: postgres.user,
	};
}

/** For `migrate`: with the role that owns the schema of our PostgreSQL; the operator names that of another one. */
export function asOwner(
	env: NodeJS.ProcessEnv,
	postgres: PostgresAddress | undefined,
): NodeJS.ProcessEnv {
	if (postgres === undefined) return env;
	return {...withoutOwner(env), LATCHKEY_DATABASE_MIGRATION_USER: postgres.owner};
}

/** For every other program: what `migrate` alone may know stays away from it. */
export function withoutOwner(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
	return Object.fromEntries(
		Object.entries(env).filter(([name]) => !name.startsWith('LATCHKEY_DATABASE_MIGRATION_')),
	);
}
