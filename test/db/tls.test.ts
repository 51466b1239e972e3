import {spawn, type ChildProcess} from 'node:child_process';
import {chmod, mkdtemp, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {Queue} from 'bullmq';
import test from 'ava';
import {loadServerConfig} from '../../core/config/config.ts';
import {connectDatabase, connectVerification} from '../../core/db/connect.ts';
import {createLog} from '../../core/log.ts';
import {connectRedis, connectRedisForQueues} from '../../core/redis/connect.ts';
import {giveTo} from '../../deploy/embedded/directories.ts';
import {startPostgres} from '../../deploy/embedded/postgres/postgres.ts';
import {createAuthority} from '../helpers/certificates.ts';
import {testServices} from '../helpers/environment.ts';
import {databaseConfig, migrateDatabase} from '../helpers/migrate.ts';
import {eventually, freePort} from '../helpers/program.ts';

const log = createLog({program: 'test', logLevel: 'silent', keyPrefix: 'hklst_'});
const children: ChildProcess[] = [];
let env: Record<string, string>;
let foreign: string;

/** PostgreSQL and Redis on TCP, which take TLS with a client certificate and nothing else. */
test.before(async () => {
	const {directory, cache, runtime, postgresUser, redisProgram} = testServices();
	const home = await mkdtemp(path.join(directory, 'tls-'));
	await chmod(home, 0o711);
	const authority = await createAuthority();
	foreign = (await createAuthority()).cert;
	const server = await authority.issue('db.example');
	const client = await authority.issue('latchkey_app');
	const write = async (name: string, text: string) => {
		const file = path.join(home, name);
		await writeFile(file, text, {mode: 0o600});
		await giveTo(file, postgresUser);
		return file;
	};
	const [ca, cert, key] = [
		await write('ca.pem', authority.cert),
		await write('cert.pem', server.cert),
		await write('key.pem', server.key),
	];
	const postgres = await startPostgres({
		runtime,
		directory: home,
		user: postgresUser,
		durable: false,
		initdbCache: cache,
		logFile: path.join(home, 'log'),
	});
	const own = databaseConfig(postgres, postgres.database);
	await migrateDatabase({...own, user: postgres.owner}, own.user);
	await postgres.stop();
	const data = path.join(home, 'data');
	await writeFile(path.join(data, 'pg_hba.conf'), 'hostssl all all 127.0.0.1/32 cert\n');
	const [databasePort, redisPort] = [await freePort(), await freePort()];
	const options = {
		listen_addresses: '127.0.0.1',
		port: String(databasePort),
		unix_socket_directories: '',
		ssl: 'on',
		ssl_ca_file: ca,
		ssl_cert_file: cert,
		ssl_key_file: key,
	};
	const asArguments = Object.entries(options).flatMap(([name, value]) => [
		'-c',
		`${name}=${value}`,
	]);
	const user = postgresUser && {uid: postgresUser.uid, gid: postgresUser.gid};
	children.push(
		spawn(path.join(runtime.bin, 'postgres'), ['-D', data, ...asArguments], {
			stdio: 'ignore',
			cwd: '/',
			...user,
		}),
		spawn(
			redisProgram.file,
			`--port 0 --tls-port ${redisPort} --bind 127.0.0.1 --tls-cert-file ${cert} --tls-key-file ${key} --tls-ca-cert-file ${ca} --tls-auth-clients yes`.split(
				' ',
			),
			{
				stdio: 'ignore',
				cwd: home,
				env: {...process.env, LD_LIBRARY_PATH: (redisProgram.libraries ?? []).join(':')},
			},
		),
	);
	env = {
		LATCHKEY_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64url'),
		LATCHKEY_SECRETS_DIR: '/nonexistent',
		LATCHKEY_DATABASE_URL: `postgresql://latchkey_app@127.0.0.1:${databasePort}/latchkey`,
		LATCHKEY_DATABASE_SSL: 'verify-full',
		LATCHKEY_DATABASE_SSL_SERVER_NAME: 'db.example',
		LATCHKEY_REDIS_URL: `rediss://127.0.0.1:${redisPort}`,
		LATCHKEY_REDIS_TLS_SERVER_NAME: 'db.example',
	};
	for (const name of ['DATABASE_SSL', 'REDIS_TLS']) {
		env[`LATCHKEY_${name}_CA_FILE`] = ca;
		env[`LATCHKEY_${name}_CERT_FILE`] = await write(`${name}.pem`, client.cert);
		env[`LATCHKEY_${name}_KEY_FILE`] = await write(`${name}.key`, client.key);
	}
	await eventually(() => ask({}), {what: 'PostgreSQL to take connections'});
});
test.after.always(() => {
	for (const child of children) child.kill('SIGKILL');
});

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

test.serial('every way to PostgreSQL goes by TLS with the client’s certificate', async (t) => {
	const {database} = loadServerConfig(env);
	t.true(await ask({}));
	// The second use of one configuration has the key, too.
	const verification = connectVerification(database, 'test', log);
	t.is((await verification.query({text: 'select 1'})).rowCount, 1);
	await verification.destroy();
	t.true(await ask({}));
});

test.serial('both ways to Redis go by TLS with the client’s certificate', async (t) => {
	const {redis: config} = loadServerConfig(env);
	const redis = connectRedis(config, log, 5000);
	await eventually(async () => (await redis.ping()) === 'PONG');
	redis.disconnect();
	const connection = connectRedisForQueues(config, log);
	const queue = new Queue('tls', {connection, prefix: '{test}'});
	await queue.add('one', {});
	t.is(await queue.count(), 1);
	await queue.close();
	connection.disconnect();
	const other = loadServerConfig({...env, LATCHKEY_REDIS_TLS_SERVER_NAME: 'other.example'}).redis;
	const refused = connectRedis(other, log);
	const error = await new Promise<Error>((resolve) => refused.once('error', resolve));
	t.regex(error.message, /does not match/);
	refused.disconnect();
});

test.serial('a wrong authority or a wrong name is not connected to', async (t) => {
	// After a failure whoever asks at once is told of that one, without another attempt.
	const fails = (changes: Record<string, string>, expected: RegExp) =>
		eventually(async () => {
			const error = await t.throwsAsync(ask(changes));
			return expected.test(error?.message ?? '');
		});
	await fails(
		{LATCHKEY_DATABASE_SSL_CA_FILE: '', LATCHKEY_DATABASE_SSL_CA: foreign},
		/certificate signature failure|unable to get local issuer|self-signed/,
	);
	await fails({LATCHKEY_DATABASE_SSL_SERVER_NAME: 'other.example'}, /does not match/);
});
