import {mkdir} from 'node:fs/promises';
import path from 'node:path';
import {findPostgresPrograms} from '../backup/postgres-programs.ts';
import {programOfSuite, unpackDebianPackage} from '../debian-packages.ts';
import {exists} from '../exists.ts';
import {cacheDirectory} from './directories.ts';
import {asOwner, postgresEnvironment} from './environment.ts';
import {StartRefused} from './errors.ts';
import {lockDirectory} from './lock.ts';
import {passwordFile} from './postgres/passwords.ts';
import {postgresHome} from './postgres/home.ts';
import type {PostgresAddress} from './postgres/postgres.ts';
import {openDataDirectory, openPostgres, openRedis} from './services.ts';
import type {LauncherSettings} from './settings.ts';

/** What the PostgreSQL that we bring along is; it comes without pg_dump. */
export const embeddedPostgresMajor = 17;
const packageName = `postgresql-client-${embeddedPostgresMajor}`;
const programNames = ['pg_dump', 'pg_restore', 'psql'] as const;

/**
 * What `backup`, `restore` and `drill` need besides: the role that owns the schema, a folder, and the programs of
 * PostgreSQL, fetched where the machine has none.
 *
 * @param postgres undefined where the operator has one of their own
 */
export async function backupEnvironment(
	env: NodeJS.ProcessEnv,
	settings: LauncherSettings,
	postgres: PostgresAddress | undefined,
): Promise<NodeJS.ProcessEnv> {
	const {dataDirectory} = settings;
	const given = env['LATCHKEY_POSTGRES_PROGRAMS_DIR'] || undefined;
	const fetched = async () =>
		fetchPostgresPrograms(
			await cacheDirectory(path.join(dataDirectory, 'cache')),
			settings.download,
		);
	const programs = postgres === undefined ? given : (given ?? (await fetched()));
	return {
		...asOwner(env, postgres, passwordFile(dataDirectory, 'owner')),
		LATCHKEY_BACKUP_DIR: env['LATCHKEY_BACKUP_DIR'] || path.join(dataDirectory, 'backups'),
		...(programs === undefined ? {} : {LATCHKEY_POSTGRES_PROGRAMS_DIR: programs}),
	};
}

/**
 * The folder of pg_dump and its companions, fetched where the machine has none.
 *
 * @param cache folder in which they are kept
 * @returns undefined where the machine has them, or they cannot be fetched: the command says so then
 */
export async function fetchPostgresPrograms(
	cache: string,
	download: boolean,
): Promise<string | undefined> {
	const isThere = await findPostgresPrograms(embeddedPostgresMajor, undefined).then(
		() => true,
		() => false,
	);
	if (isThere || !download) return undefined;
	const root = path.join(cache, `${packageName}-trixie`);
	if (!(await exists(root))) {
		process.stderr.write(
			`pg_dump ${embeddedPostgresMajor} is not installed: fetching Debian’s signed package, about 20 MB; not installed, only unpacked (LATCHKEY_NO_DOWNLOAD=1 forbids this)\n`,
		);
		const found = await unpackDebianPackage(
			[packageName],
			async () => {
				await mkdir(root, {recursive: true, mode: 0o755});
				return root;
			},
			{suite: 'trixie'},
		).catch(() => undefined);
		if (found === undefined) return undefined;
	}
	const files = [];
	for (const name of programNames) {
		files.push(
			await programOfSuite(root, `usr/lib/postgresql/${embeddedPostgresMajor}/bin/${name}`),
		);
	}
	return path.dirname(files[0] ?? root);
}

/**
 * Starts PostgreSQL and Redis for one command: a restore needs them, and neither server nor worker.
 *
 * @returns by which a program finds them, and what stops them
 * @throws {StartRefused} while `npm start` runs
 */
export async function startForRestore(settings: LauncherSettings): Promise<{
	env: NodeJS.ProcessEnv;
	postgres: PostgresAddress | undefined;
	stop: () => Promise<void>;
}> {
	const {dataDirectory} = settings;
	await openDataDirectory(dataDirectory);
	const {lock} = await lockDirectory(dataDirectory);
	if (!lock) {
		throw new StartRefused(
			`Latchkey runs on ${dataDirectory}. A backup is restored while it does not run, into one that holds nothing: stop it first, or name another data directory with LATCHKEY_DATA_DIR.`,
		);
	}
	const announce = (text: string) => void process.stderr.write(`${text}\n`);
	const postgres = settings.startPostgres
		? (await openPostgres(dataDirectory, await postgresHome(dataDirectory), announce)).result
		: undefined;
	const {signal} = new AbortController();
	const redis = settings.startRedis
		? (await openRedis(dataDirectory, {download: settings.download, signal}, announce)).result
		: undefined;
	return {
		postgres,
		env: {
			...(postgres && postgresEnvironment(postgres, passwordFile(dataDirectory, 'user'))),
			...(redis && {LATCHKEY_REDIS_URL: redis.url}),
		},
		async stop() {
			await redis?.stop();
			await postgres?.stop();
			await lock.release();
		},
	};
}
