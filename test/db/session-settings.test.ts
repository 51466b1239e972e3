import test from 'ava';
import pg from 'pg';
import {connectDatabase} from '../../core/db/connect.ts';
import {openDatabaseSession} from '../../core/db/session.ts';
import {createAppliance, makeKey, makeOrganisation, onServices} from '../helpers/appliance.ts';
import {createDatabase, createRedis} from '../helpers/services.ts';
import {eventually, startProgram} from '../helpers/program.ts';

/** What the operator of a PostgreSQL may have given a database, or roles, for other programs. */
const ofTheirOwn: Record<string, string> = {
	search_path: 'elsewhere, pg_catalog',
	DateStyle: 'SQL, DMY',
	TimeZone: 'Pacific/Chatham',
	IntervalStyle: 'sql_standard',
	bytea_output: 'escape',
	extra_float_digits: '-10',
	client_encoding: 'LATIN1',
	default_transaction_isolation: 'serializable',
	default_transaction_deferrable: 'on',
	statement_timeout: '3s',
	lock_timeout: '3s',
	idle_in_transaction_session_timeout: '3s',
	idle_session_timeout: '5s',
	transaction_timeout: '3s',
	transform_null_equals: 'on',
	array_nulls: 'off',
	standard_conforming_strings: 'off',
};

const bounds = {statementTimeoutMs: 0, queryTimeoutMs: 0, idleInTransactionTimeoutMs: 0};

test('a database with settings of its own: schema, server, worker and commands work as ever', async (t) => {
	const [database, redis] = await Promise.all([createDatabase({isMigrated: false}), createRedis()]);
	const appliance = await createAppliance(onServices(database, redis));
	t.teardown(() => appliance.stop());
	await asAdministrator(database.adminConfig, async (admin) => {
		await admin.query('create schema elsewhere');
		for (const [name, value] of Object.entries(ofTheirOwn)) {
			await admin.query(`alter database ${database.name} set ${name} = ${pg.escapeLiteral(value)}`);
		}
		// Tables of somebody else, by names of ours.
		await admin.query('create table elsewhere.api_keys (id integer)');
		await admin.query(`grant usage on schema elsewhere to public`);
	});

	const migrator = startProgram(['migrate'], appliance.env);
	t.is(await migrator.exited, 0, migrator.output());
	const server = await appliance.startServer();
	const worker = await appliance.startWorker({LATCHKEY_USAGE_FLUSH_MS: '200'});
	const jwt = await server.logIn();
	const organisation = await makeOrganisation(server, jwt, 'team');
	const created = await makeKey(server, jwt, organisation.id, 'Zoë 鍵');
	t.true(Math.abs(Date.parse(created.created_at) - Date.now()) < 60_000, created.created_at);
	const path = `/api/v1/organizations/${organisation.id}/api-keys`;
	t.is((await server.call('/api/v1/sources', {bearer: created.key})).status, 200);
	await eventually(
		async () => {
			const [row] = (await server.call(path, {bearer: jwt})).json() as {
				name: string;
				last_used_at: string | null;
			}[];
			return row?.name === 'Zoë 鍵' && row.last_used_at !== null;
		},
		{what: 'the use of the key to be seen'},
	);
	const page = await server.call(`/api/v1/audit-log?organization_id=${organisation.id}`, {
		bearer: jwt,
	});
	t.true([200, 404].includes(page.status), page.text);
	const usage = await server.call(`${path}/${created.id}/usage?by=day`, {bearer: jwt});
	t.is(usage.status, 200, usage.text);
	// Idle for longer than the database allows: its announcements are heard all the same.
	const revoked = await server.call(`${path}/${created.id}`, {method: 'DELETE', bearer: jwt});
	t.is(revoked.status, 200);
	t.regex(String(revoked.headers['latchkey-revocation']), /^verifiers=1; ms=\d+$/);
	t.is((await server.call('/api/v1/sources', {bearer: created.key})).status, 401);
	const operate = startProgram(['audit', 'verify'], appliance.env);
	t.is(await operate.exited, 0, operate.output());
	t.is(await worker.stop(), 0);
	t.is(await server.stop(), 0);
	for (const program of [server, worker]) t.false(program.output().includes('"level":"error"'));
});

test('a session is set anew whatever its role was given, and by no variable of the environment', async (t) => {
	const database = await createDatabase();
	t.teardown(() => database.drop());
	const {user} = database.config;
	await asAdministrator(database.adminConfig, async (admin) => {
		for (const [name, value] of Object.entries(ofTheirOwn)) {
			await admin.query(
				`alter role ${user} in database ${database.name} set ${name} = ${pg.escapeLiteral(value)}`,
			);
		}
	});
	process.env['PGOPTIONS'] = '-c search_path=elsewhere -c geqo=off';
	t.teardown(() => delete process.env['PGOPTIONS']);
	const session = await openDatabaseSession(database.config, 'test', {
		...bounds,
		statementTimeoutMs: 900,
	});
	t.teardown(() => session.end());
	const {rows} = await session.query<{name: string; setting: string}>(
		`select lower(name) as name, setting from pg_settings where lower(name) = any ($1) or name = 'geqo'`,
		[Object.keys(ofTheirOwn).map((name) => name.toLowerCase())],
	);
	t.deepEqual(Object.fromEntries(rows.map(({name, setting}) => [name, setting])), {
		search_path: 'public, pg_temp',
		datestyle: 'ISO, MDY',
		timezone: 'UTC',
		intervalstyle: 'postgres',
		bytea_output: 'hex',
		extra_float_digits: '1',
		client_encoding: 'UTF8',
		default_transaction_isolation: 'read committed',
		default_transaction_deferrable: 'off',
		statement_timeout: '900',
		lock_timeout: '0',
		idle_in_transaction_session_timeout: '0',
		idle_session_timeout: '0',
		transaction_timeout: '0',
		transform_null_equals: 'off',
		array_nulls: 'on',
		standard_conforming_strings: 'on',
		geqo: 'on',
	});
});

test('behind a pooler, where no session can be set, a program that would go wrong says what is', async (t) => {
	const database = await createDatabase();
	t.teardown(() => database.drop());
	const {user, host, port} = database.config;
	const appliance = await createAppliance({
		env: {},
		database: database.config,
		redis: {} as never,
		close: async () => {},
	});
	const address = new URLSearchParams({host, port: String(port), user}).toString();
	const url = `postgresql:///${database.name}?${address}`;
	const start = () =>
		startProgram(['server'], {
			...appliance.env,
			LATCHKEY_DATABASE_URL: url,
			LATCHKEY_DATABASE_DIRECT_URL: url,
			LATCHKEY_REDIS_URL: 'redis://127.0.0.1:1',
			LATCHKEY_PORT: '1',
		});
	await asAdministrator(database.adminConfig, async (admin) => {
		await admin.query(
			`alter role ${user} in database ${database.name} set default_transaction_isolation = 'serializable'`,
		);
	});
	const program = start();
	t.is(await program.exited, 1);
	t.regex(program.output(), /default_transaction_isolation is serializable for/);
	t.regex(program.output(), /alter role … reset/);
	// What is reported is sent with the first packet, which poolers keep: dates are read as ever.
	const db = connectDatabase({...database.config, isPooled: true}, 'test');
	t.teardown(() => db.destroy());
	const answer = await db.raw<{rows: {style: string; zone: string}[]}>(
		`select current_setting('DateStyle') as style, current_setting('TimeZone') as zone`,
	);
	t.deepEqual(answer.rows, [{style: 'ISO, MDY', zone: 'UTC'}]);
});

async function asAdministrator(
	config: pg.ClientConfig,
	work: (admin: pg.Client) => Promise<void>,
): Promise<void> {
	const admin = new pg.Client({...config, query_timeout: 30_000});
	await admin.connect();
	try {
		await work(admin);
	} finally {
		await admin.end();
	}
}
