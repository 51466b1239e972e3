import {mkdtemp, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {Redis} from 'ioredis';
import test, {type ExecutionContext} from 'ava';
import pg from 'pg';
import {makeKey, makeOrganisation, type Server} from '../helpers/appliance.ts';
import {testServices} from '../helpers/environment.ts';
import {createOwnServices, readyState, uncaught, type OwnServices} from '../helpers/faults.ts';
import {eventually, startProgram} from '../helpers/program.ts';

/*
PostgreSQL and Redis are there, and let the appliance in no more: another password, another rule,
another name. Each is a 503 until it is put right, and nothing has to be started anew.
*/

let services: OwnServices;
let server: Server;
let jwt: string;
let keysPath: string;
let key: string;
/** Files with the passwords, as a store of secrets mounts them. */
let files: {postgres: string; redis: string};
let environment: Record<string, string>;

test.before(async () => {
	services = await createOwnServices();
	const folder = await mkdtemp(path.join(testServices().directory, 'passwords-'));
	files = {postgres: path.join(folder, 'postgres'), redis: path.join(folder, 'redis')};
	environment = {
		LATCHKEY_DATABASE_PASSWORD_FILE: files.postgres,
		LATCHKEY_REDIS_PASSWORD_FILE: files.redis,
	};
	await setPostgresPassword('one of PostgreSQL');
	await writeFile(files.postgres, 'one of PostgreSQL\n');
	await letIn('scram-sha-256');
	await setRedisPassword(undefined, 'one of Redis');
	await writeFile(files.redis, 'one of Redis\n');
	server = await services.appliance.startServer(environment);
	jwt = await server.logIn();
	const organisation = await makeOrganisation(server, jwt, 'team');
	keysPath = `/api/v1/organizations/${organisation.id}/api-keys`;
	({key} = await makeKey(server, jwt, organisation.id));
});

test.after.always(() => services.appliance.stop());

const calls = () => [
	server.call('/api/v1/sources', {bearer: key}),
	server.call(keysPath, {bearer: jwt}),
	server.call(keysPath, {bearer: jwt, body: {name: 'meanwhile'}}),
];

async function assertShutOut(t: ExecutionContext) {
	await eventually(async () => (await readyState(server)).status === 503);
	await eventually(
		async () => {
			const answers = await Promise.all(calls());
			if (answers.every(({status}) => status === 503)) {
				for (const {headers} of answers) t.is(headers['retry-after'], '1');
				return true;
			}
			// A connection that was being made when the others were cut has been let in before.
			await cut();
			return false;
		},
		{what: 'every call to be a 503'},
	);
}

async function assertBack(t: ExecutionContext) {
	await eventually(
		async () => {
			const answers = await Promise.all(calls());
			return answers.map(({status}) => status).join() === '200,200,201';
		},
		{what: 'every call to work again'},
	);
	await eventually(async () => (await readyState(server)).body.status === 'ready');
	t.deepEqual(uncaught(server), []);
}

test.serial('another password of PostgreSQL is a 503 until its file has it', async (t) => {
	await assertBack(t);
	await setPostgresPassword('two of PostgreSQL');
	await cut();
	await assertShutOut(t);
	await writeFile(files.postgres, 'two of PostgreSQL\n');
	await assertBack(t);
	t.false(server.output().includes('of PostgreSQL'), 'no password is in the log');
});

test.serial('a file that is empty for a moment does not count', async (t) => {
	await writeFile(files.postgres, '');
	await cut();
	await assertBack(t);
	await writeFile(files.postgres, 'two of PostgreSQL\n');
});

test.serial('a program that starts with the wrong password says so and ends', async (t) => {
	const {LATCHKEY_DATABASE_PASSWORD_FILE: _file, ...rest} = environment;
	const program = startProgram(['server'], {
		...services.appliance.env,
		...rest,
		LATCHKEY_PORT: '1',
		LATCHKEY_DATABASE_PASSWORD: 'none of them',
	});
	t.is(await program.exited, 1);
	t.regex(program.output(), /password authentication failed .*28P01/);
});

test.serial('pg_hba.conf shuts the role out: 503 until it does no more', async (t) => {
	await letIn('reject');
	await cut();
	await assertShutOut(t);
	await letIn('scram-sha-256');
	await assertBack(t);
});

test.serial('the database has another name: 503 until it has its own again', async (t) => {
	const {database} = services.postgres.config;
	await asAdministrator(`alter database ${database} with allow_connections false`);
	await cut();
	await asAdministrator(`alter database ${database} rename to elsewhere`);
	await assertShutOut(t);
	await asAdministrator(`alter database elsewhere rename to ${database}`);
	await asAdministrator(`alter database ${database} with allow_connections true`);
	await assertBack(t);
});

test.serial('another password of Redis is used once its file has it', async (t) => {
	await setRedisPassword('one of Redis', 'two of Redis');
	await eventually(async () => (await readyState(server)).body.dependencies.redis.state !== 'ok');
	await writeFile(files.redis, 'two of Redis\n');
	await assertBack(t);
});

/** How the role of the programs is let in. */
async function letIn(method: 'scram-sha-256' | 'reject'): Promise<void> {
	const [row] = await asAdministrator<{hba_file: string}>('show hba_file');
	const file = row?.hba_file ?? '';
	const {user} = services.postgres.config;
	const rules = (await readFile(file, 'utf8')).split('\n').filter((rule) => !rule.includes(user));
	await writeFile(file, [`local all ${user} ${method}`, ...rules].join('\n'));
	await asAdministrator('select pg_reload_conf()');
}

async function setPostgresPassword(password: string): Promise<void> {
	await asAdministrator(`alter role ${services.postgres.config.user} password '${password}'`);
}

/** Ends every session of the programs. */
async function cut(): Promise<void> {
	await asAdministrator(
		`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${services.postgres.config.user}'`,
	);
}

/** Also ends every connection that was made with the one before. */
async function setRedisPassword(before: string | undefined, password: string): Promise<void> {
	const redis = new Redis({
		...services.redis.clientSettings,
		...(before === undefined ? {} : {password: before}),
	});
	await redis.config('SET', 'requirepass', password);
	await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
	redis.disconnect();
}

async function asAdministrator<Row extends pg.QueryResultRow>(statement: string): Promise<Row[]> {
	const client = new pg.Client({
		...services.postgres.adminConfig,
		database: 'postgres',
		query_timeout: 30_000,
	});
	await client.connect();
	try {
		return (await client.query<Row>(statement)).rows;
	} finally {
		await client.end();
	}
}
