import {spawn, type ChildProcess} from 'node:child_process';
import {chmod, mkdtemp, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {Queue} from 'bullmq';
import test, {type ExecutionContext} from 'ava';
import {loadServerConfig} from '../../core/config/config.ts';
import {connectDatabase, connectVerification} from '../../core/db/connect.ts';
import {createLog} from '../../core/log.ts';
import {connectRedis, connectRedisForQueues, type RedisClient} from '../../core/redis/connect.ts';
import {giveTo} from '../../deploy/embedded/directories.ts';
import {startPostgres, type Postgres} from '../../deploy/embedded/postgres/postgres.ts';
import {libraryPath} from '../../deploy/embedded/redis/program.ts';
import {createAppliance, defaultOrganisation, makeKey} from '../helpers/appliance.ts';
import {createAuthority, type Authority} from '../helpers/certificates.ts';
import {testServices} from '../helpers/environment.ts';
import {uncaught} from '../helpers/faults.ts';
import {eventually, freePort, startProgram} from '../helpers/program.ts';

const log = createLog({program: 'test', logLevel: 'silent', keyPrefix: 'hklst_'});
let home: string;
let children: ChildProcess[] = [];
let ports: {database: number; redis: number};
let postgres: Postgres;
let env: Record<string, string>;
let ownerEnv: Record<string, string>;
let foreign: Authority;

/** PostgreSQL and Redis on TCP, which take TLS with a client certificate and nothing else. */
test.before(async () => {
	const {directory, cache, runtime, postgresUser} = testServices();
	home = await mkdtemp(path.join(directory, 'tls-'));
	await chmod(home, 0o711);
	ports = {database: await freePort(), redis: await freePort()};
	foreign = await createAuthority();
	postgres = await startPostgres({
		runtime,
		directory: home,
		user: postgresUser,
		durable: false,
		initdbCache: cache,
		logFile: path.join(home, 'log'),
	});
	await postgres.stop();
	await writeFile(path.join(home, 'data', 'pg_hba.conf'), 'hostssl all all 127.0.0.1/32 cert\n');
	const {owner} = await setUp(await createAuthority());
	env = {
		LATCHKEY_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64url'),
		LATCHKEY_SECRETS_DIR: '/nonexistent',
		LATCHKEY_DATABASE_URL: `postgresql://${postgres.user}@127.0.0.1:${ports.database}/${postgres.database}`,
		LATCHKEY_DATABASE_SSL: 'verify-full',
		LATCHKEY_DATABASE_SSL_SERVER_NAME: 'db.example',
		LATCHKEY_REDIS_URL: `rediss://127.0.0.1:${ports.redis}`,
		LATCHKEY_REDIS_TLS_SERVER_NAME: 'db.example',
		...filesOf('client'),
	};
	ownerEnv = {LATCHKEY_DATABASE_MIGRATION_USER: postgres.owner, ...owner};
	await eventually(() => ask({}), {what: 'PostgreSQL to take connections'});
});
test.after.always(() => endServices());

function filesOf(who: string): Record<string, string> {
	const files: Record<string, string> = {};
	for (const name of ['DATABASE_SSL', 'REDIS_TLS']) {
		files[`LATCHKEY_${name}_CA_FILE`] = path.join(home, 'ca.pem');
		files[`LATCHKEY_${name}_CERT_FILE`] = path.join(home, `${who}.pem`);
		files[`LATCHKEY_${name}_KEY_FILE`] = path.join(home, `${who}.key`);
	}
	return files;
}

/** Writes certificates of an authority over those that were, and starts both with them. */
async function setUp(authority: Authority) {
	const {postgresUser, runtime, redisProgram} = testServices();
	const write = async (name: string, text: string) => {
		const file = path.join(home, name);
		await writeFile(file, text, {mode: 0o600});
		await giveTo(file, postgresUser);
		return file;
	};
	const issue = async (name: string, host: string) => {
		const {cert, key} = await authority.issue(host);
		return {cert: await write(`${name}.pem`, cert), key: await write(`${name}.key`, key)};
	};
	const ca = await write('ca.pem', authority.cert);
	const server = await issue('server', 'db.example');
	await issue('client', postgres.user);
	await issue('owner', postgres.owner);
	const options = {
		listen_addresses: '127.0.0.1',
		port: String(ports.database),
		unix_socket_directories: '',
		ssl: 'on',
		ssl_ca_file: ca,
		ssl_cert_file: server.cert,
		ssl_key_file: server.key,
	};
	const asArguments = Object.entries(options).flatMap(([name, value]) => [
		'-c',
		`${name}=${value}`,
	]);
	const user = postgresUser && {uid: postgresUser.uid, gid: postgresUser.gid};
	children = [
		spawn(path.join(runtime.bin, 'postgres'), ['-D', path.join(home, 'data'), ...asArguments], {
			stdio: 'ignore',
			cwd: '/',
			...user,
		}),
		spawn(
			redisProgram.file,
			`--port 0 --tls-port ${ports.redis} --bind 127.0.0.1 --tls-cert-file ${server.cert} --tls-key-file ${server.key} --tls-ca-cert-file ${ca} --tls-auth-clients yes --save '' --maxmemory-policy noeviction`.split(
				' ',
			),
			{stdio: 'ignore', cwd: home, env: {...process.env, ...libraryPath(redisProgram.libraries)}},
		),
	];
	return {owner: filesOf('owner')};
}

async function endServices(): Promise<void> {
	await Promise.all(
		children.splice(0).map((child) => {
			const gone = new Promise((resolve) => child.once('exit', resolve));
			// PostgreSQL ends at once, and its children with it.
			child.kill('SIGQUIT');
			return gone;
		}),
	);
}

async function ask(changes: Record<string, string>): Promise<boolean> {
	const {database} = loadServerConfig({...env, ...changes});
	const db = connectDatabase(database, 'test');
	try {
		const {rows} = await db.raw<{rows: {ssl: boolean}[]}>(
			'select ssl from pg_stat_ssl where pid = pg_backend_pid()',
		);
		return rows[0]?.ssl === true;
	} finally {
		await db.destroy();
	}
}

test.serial(
	'migrate, server and worker use TLS with their certificates for everything',
	async (t) => {
		const {database, redis} = loadServerConfig(env);
		const {LATCHKEY_ENCRYPTION_KEY: _own, LATCHKEY_SECRETS_DIR: _none, ...services} = env;
		const appliance = await createAppliance({
			env: services,
			database,
			redis,
			close: async () => {},
		});
		t.teardown(() => appliance.stop());
		const migrator = startProgram(['migrate'], {...appliance.env, ...ownerEnv});
		t.is(await migrator.exited, 0, migrator.output());
		const [server, worker] = await Promise.all([
			appliance.startServer(),
			appliance.startWorker({LATCHKEY_USAGE_FLUSH_MS: '300'}),
		]);
		const jwt = await server.logIn();
		const {key, id} = await makeKey(server, jwt, (await defaultOrganisation(server, jwt)).id);
		t.is((await server.call('/api/v1/sources', {bearer: key})).status, 200);
		const db = connectDatabase(database, 'test');
		t.teardown(() => db.destroy());
		// By way of Redis and a job of the worker.
		await eventually(
			async () => (await db('usage_hourly').where({key_id: id, outcome: 'valid'})).length > 0,
			{what: 'the use to be counted'},
		);
		for (const program of [server, worker]) t.deepEqual(uncaught(program), []);
	},
);

test.serial('the second use of one configuration has the key, too', async (t) => {
	const {database} = loadServerConfig(env);
	t.true(await ask({}));
	const verification = connectVerification(database, 'test', log);
	t.is((await verification.query({text: 'select 1'})).rowCount, 1);
	await verification.destroy();
});

/** Off, so that what a file gives does not count. */
const without = (...names: string[]) => Object.fromEntries(names.map((name) => [name, '']));
const noClient = (prefix: string) => without(`${prefix}_CERT_FILE`, `${prefix}_KEY_FILE`);

test.serial('what is wrong is told with the setting that says otherwise', async (t) => {
	const [database, redis] = ['LATCHKEY_DATABASE_SSL', 'LATCHKEY_REDIS_TLS'] as const;
	const stranger = await foreign.issue(postgres.user);
	const cases = [
		[
			(prefix: string) => ({...without(`${prefix}_CA_FILE`), [`${prefix}_CA`]: foreign.cert}),
			(prefix: string) =>
				`not from an authority that is trusted here: give its own with ${prefix}_CA_FILE`,
		],
		[
			(prefix: string) => ({[`${prefix}_SERVER_NAME`]: 'other.example'}),
			(prefix: string) =>
				`is for another name: reach it by a name that it is for, or give that with ${prefix}_SERVER_NAME`,
		],
		[
			noClient,
			(prefix: string) =>
				`asks for a client certificate: give one with ${prefix}_CERT_FILE and ${prefix}_KEY_FILE`,
		],
		[
			(prefix: string) => ({
				...noClient(prefix),
				[`${prefix}_CERT`]: stranger.cert,
				[`${prefix}_KEY`]: stranger.key,
			}),
			(prefix: string) => `does not accept the client certificate of ${prefix}_CERT_FILE`,
		],
	] as const;
	for (const [changes, sentence] of cases) {
		// After a failure whoever asks at once is told of that one, without another attempt.
		await eventually(
			async () =>
				(await t.throwsAsync(ask(changes(database))))?.message.includes(sentence(database)),
			{what: sentence(database)},
		);
		await tellsOfRedis(t, changes(redis), sentence(redis));
	}
	// Half of it is a mistake of the configuration.
	for (const prefix of [database, redis]) {
		t.throws(() => loadServerConfig({...env, ...without(`${prefix}_KEY_FILE`)}), {
			message: new RegExp(`${prefix}_KEY: missing; give both or neither`),
		});
	}
});

async function tellsOfRedis(
	t: ExecutionContext,
	changes: Record<string, string>,
	sentence: string,
) {
	const lines: string[] = [];
	const own = createLog(
		{program: 'test', logLevel: 'warn', keyPrefix: 'hklst_'},
		{
			write: (line: string) => void lines.push(line),
		},
	);
	const {redis: config} = loadServerConfig({...env, ...changes});
	const clients: RedisClient[] = [connectRedis(config, own), connectRedisForQueues(config, own)];
	const said = () => lines.filter((line) => line.includes(sentence)).length;
	await eventually(() => said() >= clients.length, {what: `${sentence} of both clients`});
	for (const client of clients) client.disconnect();
	t.is(said(), clients.length, 'once by each');
}

test.serial('certificates that are renewed are used without a restart', async (t) => {
	const {database, redis: config} = loadServerConfig(env);
	const verification = connectVerification(database, 'test', log);
	const redis = connectRedis(config, log, 5000);
	const forQueue = connectRedisForQueues(config, log);
	const queue = new Queue('tls', {connection: forQueue, prefix: '{test}'});
	queue.on('error', () => {});
	t.teardown(async () => {
		await verification.destroy();
		await queue.close();
		redis.disconnect();
		forQueue.disconnect();
	});
	const works = () =>
		eventually(
			async () => {
				await verification.query({text: 'select 1'});
				return (await redis.ping()) === 'PONG';
			},
			{what: 'PostgreSQL and Redis'},
		);
	await works();
	await queue.add('one', {});
	await endServices();
	await setUp(await createAuthority());
	await works();
	await queue.add('two', {});
	t.is(await queue.count(), 1);
});
