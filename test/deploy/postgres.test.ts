import {chmod, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import pg from 'pg';
import {startPostgres} from '../../deploy/embedded/postgres/postgres.ts';
import type {Postgres, PostgresOptions} from '../../deploy/embedded/postgres/postgres.ts';
import {findDaemons, identify} from '../../deploy/embedded/processes.ts';
import {testServices} from '../helpers/environment.ts';
import {startUnderKilledParent} from '../helpers/killed-parent.ts';

const postgresModule = new URL('../../deploy/embedded/postgres/postgres.js', import.meta.url).href;

/** A durable cluster as `npm start` has it, but for the time that initdb takes. */
async function clusterOptions(): Promise<PostgresOptions> {
	const {directory, cache, runtime, postgresUser: user} = testServices();
	const home = await mkdtemp(path.join(directory, 'cluster-'));
	await chmod(home, 0o711);
	return {runtime, directory: home, user, initdbCache: cache, logFile: `${home}.log`};
}

async function query(postgres: Postgres, sql: string, user = postgres.owner, password?: string) {
	const {host, port, database} = postgres;
	const client = new pg.Client({host, port, database, user, password});
	await client.connect();
	try {
		const {rows} = await client.query({text: sql, rowMode: 'array'});
		return rows.flat();
	} finally {
		await client.end();
	}
}

test('a cluster sorts by code point, checks its pages, and is out of reach of the network', async (t) => {
	const postgres = await startPostgres(await clusterOptions());
	t.teardown(postgres.stop);
	t.deepEqual(
		await query(
			postgres,
			`SELECT current_setting('server_version'), current_setting('server_encoding'), datlocprovider::text,
				datlocale, current_setting('data_checksums'), current_setting('listen_addresses'), current_setting('fsync')
			FROM pg_database WHERE datname = current_database()`,
		),
		[postgres.version, 'UTF8', 'b', 'C.UTF-8', 'on', '', 'on'],
	);
	t.deepEqual(await query(postgres, 'SELECT rolsuper FROM pg_roles WHERE rolname = current_user'), [
		false,
	]);
});

test('killed with its parent’s knowledge or without, it comes back with what was committed', async (t) => {
	const options = await clusterOptions();
	const pid = await startUnderKilledParent(postgresModule, 'startPostgres', options);
	t.truthy(await identify(pid), 'PostgreSQL outlives a killed start');

	const adopted = await startPostgres(options);
	t.true(adopted.adopted);
	t.is(adopted.pid, pid);
	await query(adopted, 'CREATE TABLE kept AS SELECT 42 AS answer');

	process.kill(adopted.pid, 'SIGKILL');
	await adopted.ended();
	await adopted.start();
	t.not(adopted.pid, pid);
	t.deepEqual(await query(adopted, 'SELECT answer FROM kept'), [42]);

	await adopted.stop();
	t.deepEqual(await findDaemons(path.join(options.directory, 'data'), ['postgres']), []);

	const again = await startPostgres(options);
	t.teardown(again.stop);
	t.false(again.adopted);
	t.deepEqual(await query(again, 'SELECT answer FROM kept'), [42]);
});

test('a leftover that does not answer is replaced', async (t) => {
	const options = await clusterOptions();
	const pid = await startUnderKilledParent(postgresModule, 'startPostgres', options);
	process.kill(pid, 'SIGSTOP');
	const postgres = await startPostgres(options);
	t.teardown(postgres.stop);
	t.false(postgres.adopted);
	t.is(await identify(pid), undefined);
	t.deepEqual(await query(postgres, 'SELECT 1'), [1]);
});

test('a postmaster.pid that names somebody else’s process does not stop the start', async (t) => {
	const options = await clusterOptions();
	const first = await startPostgres(options);
	const file = path.join(options.directory, 'data', 'postmaster.pid');
	const contents = await readFile(file, 'utf8');
	await first.stop();

	await writeFile(file, contents.replace(/^\d+/, String(process.pid)));
	const second = await startPostgres(options);
	t.teardown(second.stop);
	t.false(second.adopted);
	t.deepEqual(await query(second, 'SELECT 1'), [1]);
});

test('a start that cannot succeed says what PostgreSQL said', async (t) => {
	const options = await clusterOptions();
	const first = await startPostgres(options);
	await first.stop();
	const data = path.join(options.directory, 'data');
	await rm(path.join(data, 'global', 'pg_control'));
	await t.throwsAsync(startPostgres(options), {message: /pg_control/});
});

test('a cluster lets in whoever knows the password of a role, also one that let in everybody before', async (t) => {
	const options = await clusterOptions();
	const before = await startPostgres(options);
	let running = before;
	const tryAs = (user: string, password?: string) =>
		refusal({host: running.host, port: running.port, database: 'postgres', user, password});
	t.is(await tryAs(before.adminUser), undefined, 'as older versions left it');
	await query(before, 'CREATE TABLE kept AS SELECT 42 AS answer');

	const first = {admin: 'one of the superuser', owner: 'one of the owner', user: 'one of ours'};
	const adopted = await startPostgres({...options, passwords: first});
	t.true(adopted.adopted);
	const roles = [adopted.adminUser, adopted.owner, adopted.user] as const;
	for (const role of roles) t.is(await tryAs(role), '28P01', role);
	t.is(await tryAs(adopted.adminUser, first.user), '28P01');
	t.is(await tryAs(adopted.adminUser, first.admin), undefined);
	t.is(await tryAs(adopted.owner, first.owner), undefined);
	t.is(await tryAs(adopted.user, first.user), undefined);
	await adopted.stop();

	// Their files were lost, and others made.
	const second = {admin: 'two of the superuser', owner: 'two of the owner', user: 'two of ours'};
	const again = await startPostgres({...options, passwords: second});
	t.teardown(again.stop);
	running = again;
	for (const role of roles) t.is(await tryAs(role), '28P01', role);
	t.is(await tryAs(again.adminUser, first.admin), '28P01');
	t.is(await tryAs(again.owner, second.owner), undefined);
	t.deepEqual(await query(again, 'SELECT answer FROM kept', again.owner, second.owner), [42]);
	t.false((await readFile(options.logFile, 'utf8')).includes(' of the owner'));
});

/** The code with which somebody is refused; undefined: let in. */
async function refusal(config: pg.ClientConfig): Promise<unknown> {
	const client = new pg.Client({...config, password: config.password ?? 'no such password'});
	try {
		await client.connect();
		return undefined;
	} catch (error) {
		return (error as {code?: unknown}).code;
	} finally {
		await client.end().catch(() => {});
	}
}
