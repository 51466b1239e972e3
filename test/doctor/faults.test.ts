import {randomBytes, randomUUID} from 'node:crypto';
import {chmod} from 'node:fs/promises';
import path from 'node:path';
import {createServer} from 'node:tls';
import test, {type ExecutionContext} from 'ava';
import {Redis} from 'ioredis';
import pg from 'pg';
import {worstFirst, type Diagnosis, type HealthFinding} from '../../contract/diagnosis.ts';
import {allHealthChecks, chooseChecks} from '../../core/doctor/checks.ts';
import {examine} from '../../core/doctor/examine.ts';
import {atMachine} from '../../core/doctor/patient.ts';
import {thresholds, type Thresholds} from '../../core/doctor/thresholds.ts';
import {createRedisNames} from '../../core/redis/names.ts';
import type {Server, WorkerProgram} from '../helpers/appliance.ts';
import {createAuthority} from '../helpers/certificates.ts';
import {createOwnServices, type OwnServices} from '../helpers/faults.ts';
import {findPooler, startPooler} from '../helpers/pooler.ts';
import {eventually} from '../helpers/program.ts';
import {createDatabase} from '../helpers/services.ts';

/*
The doctor on an appliance of its own that runs and is well, into which one fault after the other is
planted: it names each, with what to do, and nothing where there is none.
*/

let services: OwnServices;
let server: Server;
let worker: WorkerProgram;
let admin: pg.Client;
let redis: Redis;

test.before(async () => {
	services = await createOwnServices({durable: true});
	[server, worker] = await Promise.all([
		services.appliance.startServer(),
		services.appliance.startWorker(),
	]);
	admin = new pg.Client(services.postgres.adminConfig);
	await admin.connect();
	redis = new Redis(services.redis.clientSettings);
});

test.after.always(async () => {
	await admin?.end();
	redis?.disconnect();
	await services?.appliance.stop();
});

type Circumstances = {
	env?: Record<string, string>;
	limits?: Partial<Thresholds>;
	isOnline?: boolean;
};

async function look(
	only: readonly string[],
	{env = {}, limits = {}, isOnline = false}: Circumstances = {},
): Promise<Diagnosis> {
	const {patient, close} = atMachine(
		{...services.appliance.env, ...env},
		{isOnline, thresholds: {...thresholds, ...limits}},
	);
	try {
		const checks = only.length === 0 ? allHealthChecks : chooseChecks(only);
		if (typeof checks === 'string') throw new Error(`no check ${checks}`);
		return await examine(patient, checks);
	} finally {
		await close();
	}
}

type Fault = Circumstances & {
	id: string;
	/** @returns what takes it away again */
	plant?: () => Promise<() => Promise<unknown>>;
	level?: HealthFinding['level'];
	what: RegExp;
	/** In what is to be done. */
	remedy: RegExp;
};

/** Settings of PostgreSQL reach a session a moment after they were read again. */
async function isNamed(t: ExecutionContext, fault: Fault): Promise<void> {
	const {id, level = 'warning', what, remedy, plant} = fault;
	const takeAway = await plant?.();
	let told: unknown;
	try {
		const found = await eventually(
			async () => {
				const diagnosis = await look([id], fault);
				told = diagnosis.checks;
				return worstFirst(diagnosis).find((each) => what.test(each.what));
			},
			{what: id},
		).catch(() => undefined);
		t.truthy(found, `${id}: ${JSON.stringify(told)}`);
		t.is(found?.level, level, id);
		t.is(found?.id, id);
		t.regex(found?.remedy ?? '', remedy, id);
		t.true((found?.follows ?? '').length > 20, id);
	} finally {
		await takeAway?.();
	}
}

const sql = async (text: string, undo: string) => {
	await admin.query(text);
	return () => admin.query(undo);
};

/** A setting of the whole PostgreSQL. */
const setting = async (change: string) => {
	await admin.query(`alter system set ${change}`);
	await admin.query('select pg_reload_conf()');
	return async () => {
		await admin.query(`alter system reset ${change.split(' ')[0]}`);
		await admin.query('select pg_reload_conf()');
	};
};

const redisSetting = async (name: string, value: string, undo: string) => {
	await redis.config('SET', name, value);
	return () => redis.config('SET', name, undo);
};

const run = (kind: string, age: string, error?: string) =>
	sql(
		`insert into maintenance_runs (kind, started_at, ended_at, taken_at, succeeded, error)
			values ('${kind}', now() - interval '${age}', now() - interval '${age}', now() - interval '${age}',
				${error === undefined}, ${error === undefined ? 'null' : `'${error}'`})`,
		`delete from maintenance_runs where kind = '${kind}'`,
	);

/** A session that holds something, until it is ended. */
async function hold(...statements: string[]): Promise<() => Promise<void>> {
	const session = new pg.Client(services.postgres.adminConfig);
	session.on('error', () => {});
	await session.connect();
	for (const statement of statements) await session.query(statement);
	return () => session.end();
}

const anotherWorker = `insert into workers (id, name, version, takes_jobs, failing_jobs, clock_offset_ms)
	values ('${randomUUID()}', 'elsewhere/1', '0.0.9', true, '{keep-partitions}', 45000)`;
const noOtherWorker = `delete from workers where name = 'elsewhere/1'`;

/** Nobody has made a backup yet, as on the first day. */
const expected = ['backups.backup'];

test.serial('nothing is named where nothing is wrong', async (t) => {
	let told: unknown;
	const diagnosis = await eventually(
		async () => {
			const found = await look([]);
			told = worstFirst(found);
			return (
				worstFirst(found).every(({id}) => expected.includes(id)) &&
				found.checks.every(({level}) => level !== 'unknown') &&
				found
			);
		},
		{what: 'all to be well'},
	).catch(() => undefined);
	t.truthy(diagnosis, JSON.stringify(told));
	t.deepEqual(
		worstFirst(diagnosis ?? {checks: []}).map(({id}) => id),
		expected,
	);
	t.is(diagnosis?.level, 'warning');
	t.true((diagnosis?.checks.length ?? 0) > 45);
});

const planted: readonly Fault[] = [
	{
		id: 'configuration.settings',
		env: {LATCHKEY_DATABSE_URL: 'postgresql://elsewhere/latchkey', LATCHKEY_PORT: 'http'},
		level: 'failure',
		what: /LATCHKEY_DATABSE_URL: no such setting; the nearest is LATCHKEY_DATABASE_URL/,
		remedy: /docs\/configuration\.md/,
	},
	{
		id: 'configuration.samples',
		env: {LATCHKEY_METRICS_TOKEN: 'change-this-to-a-random-token'},
		level: 'failure',
		what: /LATCHKEY_METRICS_TOKEN: reads like a placeholder/,
		remedy: /openssl rand/,
	},
	{
		id: 'secrets.files',
		async plant() {
			const {secretsDirectory: folder} = services.appliance;
			const file = path.join(folder, 'encryption_key');
			await Promise.all([chmod(folder, 0o755), chmod(file, 0o644)]);
			return () => Promise.all([chmod(folder, 0o700), chmod(file, 0o400)]);
		},
		level: 'failure',
		what: /encryption_key is open to others \(mode 0644\)/,
		remedy: /chmod 400/,
	},
	{
		id: 'secrets.fingerprint',
		env: {LATCHKEY_ENCRYPTION_KEY: randomBytes(32).toString('base64url')},
		level: 'failure',
		what: /not one that this database knows/,
		remedy: /backup that belongs to this database/,
	},
	{
		id: 'secrets.age',
		plant: () =>
			sql(
				"update master_keys set created_at = now() - interval '3 years'",
				'update master_keys set created_at = now()',
			),
		what: /The master key is 109\d days old/,
		remedy: /latchkey secrets rotate/,
	},
	{
		id: 'machine.disk',
		limits: {diskWarning: {part: 1, bytes: 0}},
		what: /are left on the file system of/,
		remedy: /df -h/,
	},
	{
		id: 'clocks.programs',
		plant: () => sql(anotherWorker, noOtherWorker),
		level: 'failure',
		what: /The clock of elsewhere is 45 s ahead of PostgreSQL's/,
		remedy: /NTP|ntp/,
	},
	{
		id: 'versions.programs',
		plant: () => sql(anotherWorker, noOtherWorker),
		what: /Workers run version 0\.0\.9/,
		remedy: /docs\/upgrades\.md/,
	},
	{
		id: 'programs.workers',
		plant: () => sql(anotherWorker, noOtherWorker),
		what: /Work of the worker fails: keep-partitions/,
		remedy: /log of the worker/,
	},
	{
		id: 'postgresql.role',
		plant: () => sql('alter role latchkey_app createrole', 'alter role latchkey_app nocreaterole'),
		level: 'failure',
		what: /The role latchkey_app may make roles/,
		remedy: /alter role latchkey_app nosuperuser/,
	},
	{
		id: 'postgresql.grants',
		plant: () =>
			sql('revoke insert on sources from latchkey_app', 'grant insert on sources to latchkey_app'),
		level: 'failure',
		what: /lacks rights: insert on sources/,
		remedy: /latchkey migrate/,
	},
	{
		id: 'postgresql.grants',
		plant: () =>
			sql(
				'grant truncate, update on audit_entries to latchkey_app',
				'revoke truncate, update on audit_entries from latchkey_app',
			),
		level: 'failure',
		what: /may do more than it needs: truncate on audit_entries, update on audit_entries/,
		remedy: /latchkey migrate/,
	},
	{
		id: 'postgresql.owner',
		plant: () =>
			sql('alter table sources owner to current_user', 'alter table sources owner to latchkey'),
		what: /owns the schema, but the table sources belongs to/,
		remedy: /docs\/database\.md/,
	},
	{
		id: 'postgresql.session',
		plant: () =>
			sql(
				`alter role latchkey_app set search_path = elsewhere; alter role latchkey_app set "DateStyle" = 'German'`,
				'alter role latchkey_app reset all',
			),
		what: /search_path=elsewhere; DateStyle=German/,
		remedy: /alter role … reset/,
	},
	{
		id: 'postgresql.connections',
		plant: () =>
			sql(
				'alter role latchkey_app connection limit 12',
				'alter role latchkey_app connection limit -1',
			),
		what: /may open \d+ connections, and PostgreSQL has 12 for them/,
		remedy: /max_connections/,
	},
	{
		id: 'postgresql.durability',
		plant: () => setting('fsync = off'),
		level: 'failure',
		what: /fsync is off/,
		remedy: /pg_reload_conf/,
	},
	{
		id: 'postgresql.durability',
		plant: () => setting('synchronous_commit = off'),
		level: 'failure',
		what: /synchronous_commit is off/,
		remedy: /alter system reset/,
	},
	{
		id: 'postgresql.collation',
		plant: () =>
			sql(
				"update pg_database set datcollversion = '0' where datname = current_database()",
				'update pg_database set datcollversion = pg_database_collation_actual_version(oid) where datname = current_database()',
			),
		level: 'failure',
		what: /made with version 0 of its collation/,
		remedy: /reindex database/,
	},
	{
		id: 'postgresql.replication',
		plant: () =>
			sql(
				"select pg_create_physical_replication_slot('forgotten', true)",
				"select pg_drop_replication_slot('forgotten')",
			),
		what: /The replication slot forgotten is used by nobody/,
		remedy: /pg_drop_replication_slot/,
	},
	{
		id: 'postgresql.locks',
		limits: {lockSeconds: 0},
		async plant() {
			const release = await hold('begin', 'lock table sources in access exclusive mode');
			const waiting = new pg.Client(services.postgres.adminConfig);
			await waiting.connect();
			const waits = waiting.query('select from sources').catch(() => {});
			return async () => {
				await release();
				await waits;
				await waiting.end();
			};
		},
		what: /has waited for sources for .*, which \d+ holds/,
		remedy: /pg_terminate_backend/,
	},
	{
		id: 'postgresql.transactions',
		limits: {transactionSeconds: 0},
		plant: () => hold('begin', 'set local role latchkey_app', 'select 1'),
		// Whose session it is decides whether it can be seen: the worker's own are, too.
		what: /has had a transaction open for/,
		remedy: /pg_terminate_backend/,
	},
	{
		id: 'postgresql.vacuum',
		plant: () => setting('autovacuum = off'),
		level: 'failure',
		what: /Autovacuum of PostgreSQL is off/,
		remedy: /alter system reset autovacuum/,
	},
	{
		id: 'postgresql.transaction_ids',
		limits: {transactionIdsWarning: 1},
		what: /transactions old/,
		remedy: /vacuum \(freeze\)/,
	},
	{
		id: 'postgresql.partitions',
		plant: () =>
			sql(
				`do $$ begin execute (select 'drop table usage_hourly_' || to_char(date_trunc('month', now() at time zone 'UTC') + interval '1 month', 'YYYY_MM')); end $$`,
				'set role latchkey; select keep_usage_partitions(4, 4, 400, 8); reset role',
			),
		what: /Partitions are missing: usage_hourly from \d{4}-\d\d-01/,
		remedy: /keep_usage_partitions/,
	},
	{
		id: 'schema.migrations',
		plant: async () => {
			const name = '0046_usage_history';
			return sql(
				`delete from knex_migrations where name = '${name}'`,
				`insert into knex_migrations (name, batch, migration_time) values ('${name}', 1, now())`,
			);
		},
		level: 'failure',
		what: /1 migration of this version is missing: 0046_usage_history/,
		remedy: /latchkey migrate/,
	},
	{
		id: 'schema.migrations',
		plant: () =>
			sql(
				"insert into knex_migrations (name, batch, migration_time) values ('9999_newer', 2, now())",
				"delete from knex_migrations where name = '9999_newer'",
			),
		what: /The schema is newer than this version .*9999_newer/,
		remedy: /docs\/upgrades\.md/,
	},
	{
		id: 'schema.terms',
		plant: () =>
			sql(
				`insert into verifiers (id, name, lease_until, terms_version)
					values ('${randomUUID()}', 'old/1', now() + interval '1 minute', 1)`,
				"delete from verifiers where name = 'old/1'",
			),
		what: /An older version still runs: old\/1/,
		remedy: /Finish the upgrade/,
	},
	{
		id: 'redis.policy',
		plant: () => redisSetting('maxmemory-policy', 'allkeys-lru', 'noeviction'),
		level: 'failure',
		what: /evicts data \(allkeys-lru\)/,
		remedy: /maxmemory-policy noeviction/,
	},
	{
		id: 'redis.persistence',
		plant: () => redisSetting('appendonly', 'no', 'yes'),
		what: /keeps no append-only file/,
		remedy: /appendonly yes/,
	},
	{
		id: 'redis.memory',
		async plant() {
			const used = Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1]);
			return redisSetting('maxmemory', String(Math.ceil(used * 1.1)), '0');
		},
		what: /uses \d+ MB of \d+ MB/,
		remedy: /LATCHKEY_REDIS_MAXMEMORY/,
	},
	{
		id: 'redis.rights',
		env: {LATCHKEY_REDIS_USERNAME: 'less', LATCHKEY_REDIS_PASSWORD: 'less than all'},
		async plant() {
			await redis.call(
				'ACL',
				'SETUSER',
				'less',
				'on',
				'>less than all',
				'~*',
				'&*',
				'+@all',
				'-hset',
			);
			return () => redis.call('ACL', 'DELUSER', 'less');
		},
		level: 'failure',
		what: /no right to hset/,
		remedy: /ACL SETUSER/,
	},
	{
		id: 'redis.answers',
		env: {LATCHKEY_REDIS_USERNAME: 'nobody', LATCHKEY_REDIS_PASSWORD: 'of this name'},
		level: 'failure',
		what: /refuses the user or password/,
		remedy: /LATCHKEY_REDIS_USERNAME/,
	},
	{
		id: 'redis.role',
		async plant() {
			await redis.call('REPLICAOF', '127.0.0.1', '1');
			return () => redis.call('REPLICAOF', 'NO', 'ONE');
		},
		level: 'failure',
		what: /is a replica/,
		remedy: /LATCHKEY_REDIS_URL/,
	},
	{
		id: 'redis.encryption',
		env: {LATCHKEY_REDIS_URL: 'redis://redis.example.com:6379'},
		what: /redis\.example\.com is reached without TLS and a password/,
		remedy: /LATCHKEY_REDIS_TLS=verify-full/,
	},
	{
		id: 'postgresql.encryption',
		env: {
			LATCHKEY_DATABASE_HOST: 'db.example.com',
			LATCHKEY_DATABASE_CONNECT_TIMEOUT_MS: '100',
		},
		what: /db\.example\.com is reached without TLS/,
		remedy: /LATCHKEY_DATABASE_SSL=verify-full/,
	},
	{
		id: 'postgresql.answers',
		env: {LATCHKEY_DATABASE_NAME: 'nowhere'},
		level: 'failure',
		what: /PostgreSQL has no database nowhere/,
		remedy: /LATCHKEY_DATABASE_NAME/,
	},
	{
		id: 'backups.backup',
		plant: () => run('backup', '3 days'),
		what: /The last backup is 3 days old/,
		remedy: /docs\/backup\.md/,
	},
	{
		id: 'backups.backup',
		plant: () => run('backup', '1 hour', 'the disk is full'),
		level: 'failure',
		what: /The last backup failed 60 min ago: the disk is full/,
		remedy: /docs\/backup\.md/,
	},
	{
		id: 'backups.drill',
		plant: () => run('backup', '1 hour'),
		what: /No backup has ever been restored on trial/,
		remedy: /drill/,
	},
	{
		id: 'webhooks.endpoints',
		plant: () =>
			sql(
				`insert into webhook_endpoints (organisation_id, url, api_version, status, disabled_at, disabled_reason)
					select id, 'https://receiver.example', '2026-11-01', 'disabled', now(), 'failing' from organisations limit 1`,
				'delete from webhook_endpoints',
			),
		what: /1 endpoint was disabled for failing/,
		remedy: /Fix the receiver/,
	},
	{
		id: 'network.public_url',
		env: {LATCHKEY_PUBLIC_URL: 'http://keys.example.com'},
		what: /plain HTTP: http:\/\/keys\.example\.com/,
		remedy: /docs\/proxies\.md/,
	},
	{
		id: 'network.public_url',
		env: {LATCHKEY_BIND: '0.0.0.0'},
		what: /open on 0\.0\.0\.0 by plain HTTP, and no proxy is named/,
		remedy: /LATCHKEY_BIND/,
	},
	{
		id: 'network.trusted_proxies',
		env: {LATCHKEY_TRUSTED_PROXIES: '128.0.0.0/1'},
		level: 'failure',
		what: /Wide networks are trusted as proxies: 128\.0\.0\.0\/1/,
		remedy: /LATCHKEY_TRUSTED_PROXIES/,
	},
	{
		id: 'network.identity_providers',
		isOnline: true,
		env: {
			LATCHKEY_IDENTITY_PROVIDERS: JSON.stringify([
				{
					name: 'gone',
					issuer: 'http://127.0.0.1:1',
					audience: 'latchkey',
					algorithms: ['ES256'],
					allow_insecure_http: true,
				},
			]),
		},
		what: /The identity provider gone does not answer as it should/,
		remedy: /docs\/identity-providers\.md/,
	},
];

for (const [index, fault] of planted.entries()) {
	test.serial(`fault ${index + 1} is named: ${fault.id}`, (t) => isNamed(t, fault));
}

test.serial('a clock that is wrong is named', async (t) => {
	const {now} = Date;
	t.teardown(() => {
		Date.now = now;
	});
	Date.now = () => now() + 40_000;
	const diagnosis = await look(['clocks.postgresql']);
	Date.now = now;
	const [found] = worstFirst(diagnosis);
	t.regex(found?.what ?? '', /The clock of this machine is (39|4\d) s ahead of PostgreSQL's/);
	t.is(found?.level, 'failure');
});

test.serial('a certificate that ends soon is named, be it served or given', async (t) => {
	const authority = await createAuthority();
	// For a day and a fifth, of which the fifth is left.
	const soon = await authority.issue('localhost', 0.2);
	const fresh = await authority.issue('localhost', 30);
	const listener = createServer(soon);
	await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
	t.teardown(() => listener.close());
	const {port} = listener.address() as {port: number};
	await isNamed(t, {
		id: 'certificates.public_url',
		env: {LATCHKEY_PUBLIC_URL: `https://localhost:${port}`},
		what: /ends in \d h\./,
		remedy: /Renew it/,
	});
	listener.setSecureContext(fresh);
	await isNamed(t, {
		id: 'certificates.public_url',
		env: {LATCHKEY_PUBLIC_URL: `https://127.0.0.1:${port}`},
		level: 'failure',
		what: /is not for 127\.0\.0\.1\./,
		remedy: /LATCHKEY_PUBLIC_URL/,
	});
	const {checks} = await look(['certificates.public_url'], {
		env: {LATCHKEY_PUBLIC_URL: `https://localhost:${port}`},
	});
	t.is(checks[0]?.level, 'ok');
	await isNamed(t, {
		id: 'certificates.files',
		env: {LATCHKEY_WEBHOOK_CA: soon.cert},
		what: /A certificate of LATCHKEY_WEBHOOK_CA ends in \d h\./,
		remedy: /Renew it/,
	});
});

test.serial('a pooler in transaction mode that nobody told of is named', async (t) => {
	const pgbouncer = await findPooler();
	if (pgbouncer === undefined) {
		t.pass('pgbouncer cannot be had here');
		return;
	}
	const {database} = services.appliance;
	const port = await startPooler(pgbouncer, database, (stop) => t.teardown(stop));
	const address = `postgresql://${database.user}@127.0.0.1:${port}/${database.database}`;
	await isNamed(t, {
		id: 'postgresql.pooler',
		env: {LATCHKEY_DATABASE_HOST: '', LATCHKEY_DATABASE_URL: address},
		level: 'failure',
		what: /leads to a pooler in transaction mode/,
		remedy: /LATCHKEY_DATABASE_DIRECT_URL/,
	});
	const direct = new URLSearchParams({host: database.host, user: database.user});
	const {checks} = await look(['postgresql.pooler'], {
		env: {
			LATCHKEY_DATABASE_HOST: '',
			LATCHKEY_DATABASE_URL: address,
			LATCHKEY_DATABASE_DIRECT_URL: `postgresql:///${database.database}?${direct.toString()}`,
		},
	});
	t.is(checks[0]?.level, 'ok');
});

test.serial(
	'an appliance that nobody set up, and a database without a schema, are named',
	async (t) => {
		const [fresh, empty] = await Promise.all([
			createDatabase(),
			createDatabase({isMigrated: false}),
		]);
		t.teardown(() => Promise.all([fresh.drop(), empty.drop()]));
		await isNamed(t, {
			id: 'programs.setup',
			env: fresh.env,
			what: /Nobody has set up this appliance yet/,
			remedy: /npm run console/,
		});
		const {checks} = await look(['schema', 'programs', 'postgresql.answers'], {env: empty.env});
		const byId = new Map(checks.map((check) => [check.id, check]));
		t.is(byId.get('postgresql.answers')?.level, 'ok');
		t.regex(
			byId.get('schema.migrations')?.findings[0]?.what ?? '',
			/\d+ migrations .* are missing/,
		);
		t.is(byId.get('programs.workers')?.level, 'unknown');
		t.regex(byId.get('programs.workers')?.unknown_because ?? '', /schema/);
	},
);

test.serial('what has stopped is named', async (t) => {
	await worker.stop();
	const names = createRedisNames('latchkey').queueKey('webhooks');
	await redis.hset(names('1'), 'timestamp', String(Date.now() - 600_000));
	await redis.rpush(names('wait'), '1');
	await isNamed(t, {
		id: 'redis.queues',
		what: /1 job waits in the queue webhooks, the oldest for 10 min/,
		remedy: /another worker/,
	});
	await isNamed(t, {
		id: 'programs.workers',
		level: 'failure',
		what: /No worker is running/,
		remedy: /docker compose up -d worker/,
	});
	await isNamed(t, {
		id: 'programs.usage',
		plant: () =>
			sql(
				`update workers set flushed_at = now() - interval '10 minutes', stopped_at = null, seen_at = now()`,
				'update workers set stopped_at = now()',
			),
		what: /Use is 10 min behind/,
		remedy: /flush-usage/,
	});
	await isNamed(t, {
		id: 'audit.heads',
		async plant() {
			await server.logIn();
			await admin.query(
				`begin; set local session_replication_role = replica;
				update audit_entries e set recorded_at = now() - interval '3 hours' where not exists (
					select from audit_signed_heads s where s.chain = e.chain and s.sequence >= e.sequence); commit`,
			);
			return async () => {};
		},
		what: /chains? of the audit trail ha(s|ve) entries without a signature, the oldest for 3 h/,
		remedy: /sign-audit-heads/,
	});
	await isNamed(t, {
		id: 'webhooks.backlog',
		plant: () =>
			sql(
				`with o as (select id from organisations limit 1),
				e as (insert into events (id, api_version, organisation_id, sequence, type, payload)
					select 'evt_1', '2026-11-01', id, 1000, 'key.created', '{}' from o returning id, api_version),
				w as (insert into webhook_endpoints (organisation_id, url, api_version)
					select id, 'https://receiver.example', '2026-11-01' from o returning id)
				select 1;
				insert into webhook_deliveries (organisation_id, endpoint_id, event_id, api_version, event_type, next_at)
					select organisation_id, id, 'evt_1', api_version, 'key.created', now() - interval '5 minutes'
					from webhook_endpoints`,
				'delete from webhook_endpoints; delete from events',
			),
		what: /Webhooks are 5 min behind: 1 delivery/,
		remedy: /Another worker/,
	});
	server.kill('SIGKILL');
	await server.exited;
	await isNamed(t, {
		id: 'programs.servers',
		level: 'failure',
		what: /No server runs/,
		remedy: /docker compose up -d server/,
	});
});
