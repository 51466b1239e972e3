import {mkdir, readFile, rename, rm} from 'node:fs/promises';
import path from 'node:path';
import {exists} from '../../exists.ts';
import {giveTo} from '../directories.ts';
import {StartRefused} from '../errors.ts';
import type {OsUser} from '../os-user.ts';
import {run} from '../run.ts';
import {adminUser} from './roles.ts';
import type {PostgresRuntime} from './runtime.ts';

/** The files of a cluster: made once, and only read by the version that made them. */
export type ClusterOptions = {
	runtime: PostgresRuntime;
	/** Who runs it; ourselves when undefined. */
	user?: OsUser | undefined;
	/** False gives up every safety against power loss for speed: for tests only. */
	durable?: boolean;
	/**
	 * Folder that keeps a freshly initialised cluster to copy from, instead of `initdb` each time.
	 * For tests only: the copies share their identity.
	 */
	initdbCache?: string;
};

/** Whether the directory holds a cluster already. */
export async function hasCluster(directory: string): Promise<boolean> {
	return exists(path.join(directory, 'data', 'PG_VERSION'));
}

/**
 * initdb into a folder that is renamed when whole: a kill in the middle leaves nothing that looks
 * like a cluster.
 */
export async function initialise(options: ClusterOptions, dataDirectory: string): Promise<void> {
	const {runtime, initdbCache, durable = true} = options;
	if (await exists(path.join(dataDirectory, 'PG_VERSION'))) {
		const found = (await readFile(path.join(dataDirectory, 'PG_VERSION'), 'utf8')).trim();
		const major = runtime.version.split('.')[0];
		if (found !== major) {
			throw new StartRefused(
				`${dataDirectory} was written by PostgreSQL ${found}, this is PostgreSQL ${major}. Start the release that wrote it, take a backup there and restore it here.`,
			);
		}
		return;
	}
	if (!initdbCache) {
		await initdb(options, `${dataDirectory}.new`, durable);
		await rename(`${dataDirectory}.new`, dataDirectory);
		return;
	}
	const name = `initdb-${runtime.version}-${options.user?.uid ?? process.geteuid?.()}`;
	const cached = path.join(initdbCache, name);
	if (!(await exists(cached))) {
		const fresh = `${cached}.${process.pid}`;
		await initdb(options, fresh, false);
		await rename(fresh, cached).catch(() => rm(fresh, {recursive: true}));
	}
	// Keeps owner and modes, and shares the blocks where the file system can.
	await run('cp', ['-a', cached, dataDirectory]);
}

async function initdb({runtime, user}: ClusterOptions, target: string, sync: boolean) {
	await rm(target, {recursive: true, force: true});
	await mkdir(target, {mode: 0o700});
	await giveTo(target, user);
	await run(
		path.join(runtime.bin, 'initdb'),
		[
			`--pgdata=${target}`,
			`--username=${adminUser}`,
			'--auth-local=trust',
			'--auth-host=reject',
			'--encoding=UTF8',
			// Sorts the same on every machine, whatever its C library.
			'--locale-provider=builtin',
			'--builtin-locale=C.UTF-8',
			'--locale=C',
			'--data-checksums',
			'--no-instructions',
			...(sync ? [] : ['--no-sync']),
		],
		{user},
	);
}
