import {chmod, mkdir, mkdtemp, readFile, writeFile} from 'node:fs/promises';
import {connect, createServer, type Socket} from 'node:net';
import path from 'node:path';
import pg from 'pg';
import type {DatabaseConfig} from '../../core/config/config.ts';
import {giveTo} from '../../deploy/embedded/directories.ts';
import {startPostgres, type Postgres} from '../../deploy/embedded/postgres/postgres.ts';
import {run} from '../../deploy/embedded/run.ts';
import {testServices} from './environment.ts';
import {eventually} from './program.ts';
import {databaseConfig, migrateDatabase} from './migrate.ts';
import {databaseEnvironment, type ServiceEnvironment} from './services.ts';

/** A PostgreSQL and its standby behind one address, as an operator has them who wants to survive the loss of one. */
export type Pair = {
	/** The address. */
	config: DatabaseConfig;
	env: ServiceEnvironment;
	/** The same, as a superuser. */
	adminConfig: pg.ClientConfig;
	/** Ends the primary with everything that it runs, like a machine that loses power. */
	kill: () => Promise<void>;
	/** Makes the standby the primary, and the address lead there. */
	failOver: () => Promise<void>;
	stop: () => Promise<void>;
};

/**
 * Streaming replication, and no commit is confirmed that the standby does not have on disk.
 *
 * @param options.isSilent connections to the killed primary do not end but fall silent, and new
 *   ones are not answered: the machine is gone, not only the program
 */
export async function createPair(options: {isSilent: boolean}): Promise<Pair> {
	const {directory, runtime, cache, postgresUser} = testServices();
	const home = await mkdtemp(path.join(directory, 'pair-'));
	await chmod(home, 0o711);
	const start = async (name: string) => {
		const own = path.join(home, name);
		await mkdir(own, {recursive: true, mode: 0o711});
		return startPostgres({
			runtime,
			directory: own,
			user: postgresUser,
			initdbCache: cache,
			logFile: path.join(home, `${name}.log`),
		});
	};

	const primary = await start('primary');
	const own = databaseConfig(primary, primary.database);
	await migrateDatabase({...own, user: primary.owner}, own.user);
	await administer(
		primary,
		`alter system set primary_conninfo = 'host=${primary.host} port=${primary.port} user=${primary.adminUser}'`,
	);
	await primary.stop();
	const data = (name: string) => path.join(home, name, 'data');
	await mkdir(path.join(home, 'standby'), {mode: 0o711});
	await run('cp', ['-a', data('primary'), data('standby')]);
	const signal = path.join(data('standby'), 'standby.signal');
	await writeFile(signal, '');
	await giveTo(signal, postgresUser);
	await primary.start();
	const standby = await start('standby');
	await eventually(
		async () =>
			(await administer(primary, "select from pg_stat_replication where state = 'streaming'")) > 0,
		{what: 'the standby to follow'},
	);
	await administer(primary, "alter system set synchronous_standby_names = '*'");
	await administer(primary, 'select pg_reload_conf()');
	await eventually(
		async () =>
			(await administer(primary, "select from pg_stat_replication where sync_state = 'sync'")) > 0,
		{what: 'the standby to be waited for'},
	);

	const address = await createSwitch(socketOf(primary), options);
	const config = {
		...own,
		host: '127.0.0.1',
		port: address.port,
	};
	return {
		config,
		env: databaseEnvironment(config, primary.owner),
		adminConfig: {
			host: config.host,
			port: config.port,
			user: primary.adminUser,
			database: config.database,
		},
		async kill() {
			address.lead(undefined);
			const children = await readFile(
				`/proc/${primary.pid}/task/${primary.pid}/children`,
				'latin1',
			);
			// The postmaster first: it starts nothing again after that.
			for (const pid of [primary.pid, ...(children.match(/\d+/g) ?? []).map(Number)]) {
				process.kill(pid, 'SIGKILL');
			}
		},
		async failOver() {
			await primary.ended();
			await administer(standby, 'select pg_promote(true, 60)');
			address.lead(socketOf(standby));
		},
		async stop() {
			await address.close();
			await Promise.all([primary.stop(), standby.stop()]);
		},
	};
}

function socketOf({host, port}: Postgres): string {
	return path.join(host, `.s.PGSQL.${port}`);
}

/** @returns how many rows it gave */
async function administer({host, port, adminUser, database}: Postgres, statement: string) {
	const client = new pg.Client({host, port, user: adminUser, database, query_timeout: 90_000});
	await client.connect();
	try {
		return (await client.query(statement)).rows.length;
	} finally {
		await client.end();
	}
}

/** A port that leads to one socket, and later to another. */
async function createSwitch(first: string, {isSilent}: {isSilent: boolean}) {
	let target: string | undefined = first;
	const open = new Set<Socket>();
	const server = createServer((near) => {
		open.add(near);
		near.on('error', () => {});
		near.on('close', () => open.delete(near));
		if (target === undefined) {
			if (!isSilent) near.destroy();
			return;
		}
		const far = connect(target);
		const own = target;
		far.on('error', () => {});
		far.on('close', () => {
			if (target === own || !isSilent) near.destroy();
		});
		near.on('close', () => far.destroy());
		near.pipe(far, {end: false});
		far.pipe(near, {end: false});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error('no port');
	return {
		port: address.port,
		/** Where new connections lead; undefined: nowhere. */
		lead(to: string | undefined) {
			target = to;
		},
		async close() {
			for (const socket of open) socket.destroy();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
