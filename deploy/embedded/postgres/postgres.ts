import {realpath} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import type {RunningDaemon} from '../daemon.ts';
import {
	notedSocketDirectory,
	removeSocketDirectory,
	restoreSocketDirectory,
	socketDirectory,
} from '../directories.ts';
import {isAlive} from '../processes.ts';
import {requirePasswords, type PostgresPasswords} from './access.ts';
import {isLetIn} from './client.ts';
import {initialise, type ClusterOptions} from './cluster.ts';
import {adoptPostmaster, clearRemains, startPostmaster, stopPostmaster} from './postmaster.ts';
import {adminUser, createRolesAndDatabase, database, owner, setPasswords, user} from './roles.ts';

export type PostgresOptions = ClusterOptions & {
	/**
	 * Folder of this cluster, existing; `user` can pass through. What PostgreSQL writes goes to
	 * `data` in it, which is the user's.
	 */
	directory: string;
	/**
	 * What its roles prove themselves with. Undefined: whoever reaches its socket may be any of them,
	 * for tests only.
	 */
	passwords?: PostgresPasswords;
	logFile: string;
};

export type PostgresAddress = {
	/** Folder of the unix socket, which libpq and pg take as host. Nothing listens on the network. */
	host: string;
	port: number;
	/** The role of server and worker. */
	user: string;
	/** The role that owns `database` and migrates it; not a superuser. */
	owner: string;
	database: string;
};

export type Postgres = PostgresAddress & RunningDaemon & {adminUser: string};

const port = 5432;

/**
 * Starts the PostgreSQL cluster in a directory, initialising it first if it is new, and adopting it
 * if it runs already.
 *
 * It listens on a unix socket that only `user` (and root) can reach, and there asks for the
 * password of a role.
 *
 * @throws {StartRefused} when the data belongs to another major version.
 * @throws {NotReady} with the end of the log when it does not start.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
	const {runtime, directory, passwords, durable = true} = options;
	const dataDirectory = path.join(await realpath(directory), 'data');
	await initialise(options, dataDirectory);

	const host = await socketDirectory(directory, options.user);
	const connection = {
		host,
		port,
		user: adminUser,
		database: 'postgres',
		...(passwords && {password: passwords.admin}),
	};
	const postmaster = {
		bin: runtime.bin,
		dataDirectory,
		user: options.user,
		durable,
		logFile: options.logFile,
		connection,
	};
	const start = async () => {
		await restoreSocketDirectory(host, options.user);
		return startPostmaster(postmaster);
	};
	const left = await adoptPostmaster(postmaster);
	let running = left ?? (await start());
	if (passwords === undefined) {
		await createRolesAndDatabase(connection);
	} else {
		await requirePasswords({
			dataDirectory,
			user: options.user,
			pid: running.pid,
			isLetIn: async (password) =>
				isLetIn(password === undefined ? connection : {...connection, password}),
			async setPasswords() {
				await createRolesAndDatabase(connection);
				await setPasswords(connection, passwords);
			},
		});
	}
	return {
		host,
		port,
		user,
		owner,
		adminUser,
		database,
		version: runtime.version,
		get pid() {
			return running.pid;
		},
		adopted: left !== undefined,
		async ended() {
			const current = running;
			while (await isAlive(current)) await delay(250);
		},
		async start() {
			await clearRemains(dataDirectory);
			running = await start();
		},
		async stop() {
			await stopPostmaster(running);
			await removeSocketDirectory(directory, host);
		},
	};
}

/** Where the PostgreSQL of a directory is reached, if it has been started; it need not run. */
export async function addressOf(directory: string): Promise<PostgresAddress | undefined> {
	const host = await notedSocketDirectory(directory);
	return host === undefined ? undefined : addressIn(host);
}

/** How it is reached by a folder with its socket. */
export function addressIn(host: string): PostgresAddress {
	return {host, port, user, owner, database};
}
