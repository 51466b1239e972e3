import {createServer, connect, type Socket} from 'node:net';
import path from 'node:path';
import {mkdtemp} from 'node:fs/promises';
import test, {type ExecutionContext} from 'ava';
import {Redis} from 'ioredis';
import pg from 'pg';
import type {Dependency} from '../../contract/health.ts';
import type {System} from '../../contract/system.ts';
import {findingsOf} from '../../tui/screens/system/health/findings.ts';
import {
	createAppliance,
	defaultOrganisation,
	makeKey,
	type Appliance,
	type Server,
	type WorkerProgram,
} from '../helpers/appliance.ts';
import {testServices} from '../helpers/environment.ts';
import {readyState, saysOf, uncaught} from '../helpers/faults.ts';
import {call} from '../helpers/http.ts';
import {eventually, freePort, startProgram} from '../helpers/program.ts';
import {
	createDatabase,
	createRedis,
	type TestDatabase,
	type TestRedis,
} from '../helpers/services.ts';

/*
PostgreSQL and Redis that answer, and yet do not do what they are there for: it is said which promise
does not hold, and work goes on by itself once they do.
*/

let database: TestDatabase;
let redis: TestRedis;
let other: TestRedis;
let link: Link;
let client: Redis;
let appliance: Appliance;
let server: Server;
let worker: WorkerProgram;
let jwt: string;
let keysPath: string;
let key: string;

const quick = {LATCHKEY_USAGE_FLUSH_MS: '300'};

test.before(async () => {
	[database, redis, other] = await Promise.all([createDatabase(), createRedis(), createRedis()]);
	link = await openLink(redis.clientSettings.path);
	client = new Redis(redis.clientSettings);
	appliance = await createAppliance({
		env: {...database.env, LATCHKEY_REDIS_URL: `unix://${link.path}`},
		database: database.config,
		redis: redis.config,
		async close() {
			client.disconnect();
			await link.close();
			await Promise.all([database.drop(), redis.stop(), other.stop()]);
		},
	});
	server = await appliance.startServer();
	worker = await appliance.startWorker(quick);
	jwt = await server.logIn();
	const organisation = await defaultOrganisation(server, jwt);
	keysPath = `/api/v1/organizations/${organisation.id}/api-keys`;
	({key} = await makeKey(server, jwt, organisation.id));
});

test.after.always(() => appliance?.stop());

test.afterEach((t) => {
	t.deepEqual([...uncaught(server), ...uncaught(worker)], []);
});

type Link = {path: string; leadTo: (socket: string) => void; close: () => Promise<void>};

/** An address that leads to whichever Redis is the right one: to another only when connected to anew. */
async function openLink(first: string): Promise<Link> {
	let target = first;
	const open = new Set<Socket>();
	const listener = createServer((near) => {
		const far = connect(target);
		for (const socket of [near, far]) {
			open.add(socket);
			socket.on('error', () => {});
			socket.on('close', () => {
				open.delete(socket);
				near.destroy();
				far.destroy();
			});
		}
		near.pipe(far).pipe(near);
	});
	const home = await mkdtemp(path.join(testServices().directory, 'link-'));
	const socket = path.join(home, 's');
	await new Promise<void>((resolve) => listener.listen(socket, resolve));
	return {
		path: socket,
		leadTo(next) {
			target = next;
		},
		close: () =>
			new Promise((resolve) => {
				listener.close(() => resolve());
				for (const each of open) each.destroy();
			}),
	};
}

async function nextPass(of: WorkerProgram): Promise<void> {
	const before = await of.lastFlush();
	await eventually(async () => (await of.lastFlush()) > before, {what: 'a pass of usage'});
}

/** Both programs that show it say so, keys are checked, and what the console says begins with that. */
async function isTold(
	t: ExecutionContext,
	part: 'postgresql' | 'redis',
	reason: Dependency['reason'],
	detail: RegExp,
): Promise<void> {
	const told = await saysOf(server, part, reason);
	t.is(told.status, 200);
	t.is(told.state, 'degraded');
	t.regex(told.detail ?? '', detail);
	const system = await eventually(async () => {
		const answer = await server.call('/api/v1/system', {bearer: jwt});
		const read = answer.json() as System;
		return answer.status === 200 && read.dependencies[part].reason === reason && read;
	});
	const report = {id: 'system', version: '', dependencies: system.dependencies, system} as const;
	t.regex(findingsOf(report)[0]?.what ?? '', detail);
	t.is((await server.call('/api/v1/sources', {bearer: key})).status, 200);
}

async function isOver(): Promise<void> {
	await eventually(async () => (await readyState(server)).body.status === 'ready', {
		what: 'all to be well',
	});
}

for (const [reason, setting, detail] of [
	['full', ['maxmemory', '1', '0'], /Redis is full/],
	['few_replicas', ['min-replicas-to-write', '1', '0'], /too few replicas/],
] as const) {
	test.serial(
		`Redis refuses writes (${reason}): it is told, and over without a restart`,
		async (t) => {
			const [name, refusing, usual] = setting;
			await client.config('SET', name, refusing);
			await isTold(t, 'redis', reason, detail);
			await eventually(() => /Redis refuses/.test(worker.output()), {
				what: 'the log of the worker',
			});
			await client.config('SET', name, usual);
			await isOver();
			await nextPass(worker);
		},
	);
}

test.serial(
	'Redis was demoted while connections stayed open: whoever leads now is found',
	async (t) => {
		await client.replicaof('127.0.0.1', '1');
		await isTold(t, 'redis', 'replica', /is a replica/);
		link.leadTo(other.clientSettings.path);
		await isOver();
		await nextPass(worker);
		await nextPass(worker);
		const before = (await worker.state()).webhooks.last_pass_at;
		await eventually(async () => (await worker.state()).webhooks.last_pass_at !== before);
		await client.replicaof('NO', 'ONE');
	},
);

test.serial('PostgreSQL is read-only: it is told, and keys are checked', async (t) => {
	const admin = new pg.Client(database.adminConfig);
	await admin.connect();
	t.teardown(() => admin.end());
	const name = admin.escapeIdentifier(database.name);
	const cut = `select pg_terminate_backend(pid) from pg_stat_activity
		where datname = current_database() and pid <> pg_backend_pid()`;
	await admin.query(`alter database ${name} set default_transaction_read_only = on`);
	await admin.query(cut);
	await isTold(t, 'postgresql', 'read_only', /PostgreSQL is read-only/);
	const refused = await server.call(keysPath, {bearer: jwt, body: {name: 'in vain'}});
	t.is(refused.status, 503);
	await admin.query(`set default_transaction_read_only = off`);
	await admin.query(`alter database ${name} reset default_transaction_read_only`);
	await admin.query(cut);
	await isOver();
});

test.serial('PostgreSQL is full: it is told once something could not be written', async (t) => {
	const owner = new pg.Client({...database.adminConfig});
	await owner.connect();
	t.teardown(() => owner.end());
	await owner.query(`create function fill_up() returns trigger language plpgsql as $$
		begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$;
		create trigger fill_up before insert on api_keys for each row execute function fill_up()`);
	const refused = await server.call(keysPath, {bearer: jwt, body: {name: 'in vain'}});
	t.is(refused.status, 503);
	await isTold(t, 'postgresql', 'full', /disk of PostgreSQL is full/);
	await owner.query('drop trigger fill_up on api_keys; drop function fill_up');
});

test.serial(
	'a user of Redis without the dangerous commands, so without INFO, is enough',
	async (t) => {
		await asUser(['+@all', '-@dangerous', '-@admin'], async (env) => {
			const own = await appliance.startWorker({...quick, ...env});
			await nextPass(own);
			await nextPass(own);
			t.is(await own.stop(), 0);
		});
	},
);

test.serial(
	'a right that is missing is named; the worker answers, and ends when it is told',
	async (t) => {
		await asUser(['+@all', '-eval', '-evalsha'], async (env) => {
			const port = await freePort();
			const own = startProgram(['worker'], {
				...appliance.env,
				...env,
				LATCHKEY_WORKER_PORT: String(port),
			});
			await eventually(() => /no right to the command eval/.test(own.output()), {
				what: 'the right to be named',
			});
			const url = `http://127.0.0.1:${port}`;
			t.is((await call(url, '/livez')).status, 200);
			const ready = await call(url, '/readyz');
			t.is(ready.status, 503);
			t.regex(ready.text, /no right to the command eval/);
			t.is(await own.stop(), 0);
		});
	},
);

async function asUser(
	rights: string[],
	work: (env: Record<string, string>) => Promise<void>,
): Promise<void> {
	const direct = new Redis(other.clientSettings);
	try {
		await direct.acl(
			'SETUSER',
			'app',
			'reset',
			'on',
			'>a-password-of-some-length',
			'~{latchkey}:*',
			'~{latchkey:*}:*',
			...rights,
		);
		await work({
			LATCHKEY_REDIS_URL: other.url,
			LATCHKEY_REDIS_USERNAME: 'app',
			LATCHKEY_REDIS_PASSWORD: 'a-password-of-some-length',
		});
	} finally {
		await direct.acl('DELUSER', 'app');
		direct.disconnect();
	}
}
