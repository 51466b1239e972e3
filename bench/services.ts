import {chmod, mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {DatabaseConfig, RedisConfig} from '../core/config/config.ts';
import {cacheDirectory, socketParent} from '../deploy/embedded/directories.ts';
import {postgresUser} from '../deploy/embedded/os-user.ts';
import {installPostgres} from '../deploy/embedded/postgres/runtime.ts';
import {startPostgres} from '../deploy/embedded/postgres/postgres.ts';
import {findRedis} from '../deploy/embedded/redis/program.ts';
import {startRedis} from '../deploy/embedded/redis/redis.ts';
import {randomText} from '../core/keys/token.ts';
import {createSecrets} from '../deploy/secrets.ts';
import {databaseConfig} from '../test/helpers/migrate.ts';
import type {CleanUp} from './clean-up.ts';

/** Made by the first server that starts. */
export const administrator = {email: 'bench@example.com', password: randomText(40)};

export type Services = {
	/** As the role that owns the schema: the bench itself does what no program may. */
	database: DatabaseConfig;
	/** Of its postmaster. */
	postgresPid: () => number;
	redis: RedisConfig;
	/** By which the programs find all of it. */
	env: Record<string, string>;
	/** For servers, besides. */
	serverEnv: Record<string, string>;
	versions: {postgres: string; redis: string};
	/** Folder of programs that were fetched, and whether more may be. */
	cache: string;
	download: boolean;
};

/** A folder for everything of this run; gone at its end. */
export async function makeRunDirectory(cleanUp: CleanUp): Promise<string> {
	const directory = await mkdtemp(path.join(socketParent(), 'latchkey-bench-'));
	cleanUp.add(async () => rm(directory, {recursive: true, force: true, maxRetries: 5}));
	// The user who runs PostgreSQL passes through.
	await chmod(directory, 0o711);
	return directory;
}

/** An empty PostgreSQL and an empty Redis, as safe against power loss as `npm start` has them. */
export async function startServices(
	directory: string,
	projectDirectory: string,
	cleanUp: CleanUp,
	signal: AbortSignal,
): Promise<Services> {
	const cache = await cacheDirectory(path.join(projectDirectory, 'node_modules/.cache/latchkey'));
	const download = !['1', 'true'].includes(process.env['LATCHKEY_NO_DOWNLOAD'] ?? '');
	const program = await findRedis(cache, {
		download,
		announce: (text) => console.log(`Redis: ${text}`),
		signal,
	});
	const user = await postgresUser();
	const home = path.join(directory, 'postgres');
	await mkdir(home, {mode: 0o711});
	const postgres = await startPostgres({
		runtime: await installPostgres(cache, user),
		directory: home,
		user,
		initdbCache: cache,
		logFile: path.join(directory, 'postgresql.log'),
	});
	cleanUp.add(postgres.stop);
	const redis = await startRedis({
		program,
		directory: path.join(directory, 'redis'),
		logFile: path.join(directory, 'redis.log'),
	});
	cleanUp.add(redis.stop);

	const secrets = path.join(directory, 'secrets');
	const passwordFile = path.join(directory, 'administrator');
	await writeFile(passwordFile, administrator.password, {mode: 0o600});
	await createSecrets(secrets, {names: ['encryption_key', 'setup_token']});
	return {
		database: databaseConfig({...postgres, user: postgres.owner}, postgres.database),
		postgresPid: () => postgres.pid,
		redis: {
			address: {path: redis.socket},
			username: undefined,
			password: undefined,
			database: 0,
			tls: false,
			prefix: 'latchkey',
		},
		env: {
			LATCHKEY_DATABASE_HOST: postgres.host,
			LATCHKEY_DATABASE_PORT: String(postgres.port),
			LATCHKEY_DATABASE_NAME: postgres.database,
			LATCHKEY_DATABASE_USER: postgres.user,
			LATCHKEY_DATABASE_MIGRATION_USER: postgres.owner,
			LATCHKEY_REDIS_URL: redis.url,
			LATCHKEY_SECRETS_DIR: secrets,
			LATCHKEY_ALLOW_EPHEMERAL_SECRETS: '1',
			LATCHKEY_LISTEN_HOST: '127.0.0.1',
		},
		serverEnv: {
			LATCHKEY_BOOTSTRAP_ADMIN_EMAIL: administrator.email,
			LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD_FILE: passwordFile,
		},
		versions: {postgres: postgres.version, redis: redis.version},
		cache,
		download,
	};
}
