import {mkdtemp, readFile, stat, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import type {Knex} from 'knex';
import type {KeySet} from '../../contract/signing-keys.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {resealAll} from '../../core/secrets/reseal.ts';
import {sealedColumns} from '../../core/secrets/sealed-columns.ts';
import {masterKeyId} from '../../core/secrets/vault.ts';
import {
	createAppliance,
	defaultOrganisation,
	makeKey,
	type Appliance,
	type Server,
} from '../helpers/appliance.ts';
import {testServices} from '../helpers/environment.ts';
import {eventually, startProgram} from '../helpers/program.ts';
import {vaultOf} from '../helpers/secrets.ts';

async function start(t: ExecutionContext) {
	const appliance = await createAppliance();
	const db = connectDatabase(appliance.database, 'test');
	t.teardown(async () => {
		await db.destroy();
		await appliance.stop();
	});
	return {appliance, db, file: path.join(appliance.secretsDirectory, 'encryption_key')};
}

/** `latchkey secrets …` as an operator runs it: without Redis. */
function operate({env}: Appliance, ...args: string[]) {
	const {LATCHKEY_REDIS_URL: _, LATCHKEY_LISTEN_HOST: __, ...rest} = env;
	return startProgram(['secrets', ...args], rest);
}

async function succeeds(t: ExecutionContext, appliance: Appliance, ...args: string[]) {
	const program = operate(appliance, ...args);
	t.is(await program.exited, 0, program.output());
	return program.output();
}

const linesOf = async (file: string) => (await readFile(file, 'utf8')).trimEnd().split('\n');
const idOf = (line: string) => masterKeyId(Buffer.from(line, 'base64url')).toString('hex');

/** Ids of the master keys that values are sealed with, and that the database notes. */
async function keysInUse(db: Knex) {
	const {rows} = await db.raw<{rows: {id: string}[]}>(
		`select encode(substring(private_key from 2 for 8), 'hex') as id from signing_keys where private_key is not null
		union select encode(substring(value from 2 for 8), 'hex') from instance_secrets`,
	);
	const noted = await db('master_keys').select('id');
	return {used: rows.map(({id}) => id), noted: noted.map(({id}) => id.toString('hex'))};
}

/** What clients do all day, until ended; anything but 200 is a failure. */
function load(server: Server, session: {jwt: string; refresh: string; key: string; next: string}) {
	const failures: string[] = [];
	let requests = 0;
	let isEnded = false;
	const repeat = async (ask: () => Promise<{status: number; text: string}>) => {
		while (!isEnded) {
			const {status, text} = await ask();
			requests++;
			if (status !== 200) failures.push(`${status} ${text}`);
			await delay(20);
		}
	};
	let {refresh} = session;
	const running = [
		repeat(() => server.call('/api/v1/auth/me', {bearer: session.jwt})),
		repeat(() => server.call(session.next, {bearer: session.jwt})),
		repeat(() => server.call('/api/v1/sources', {bearer: session.key})),
		repeat(async () => {
			const answer = await server.call('/api/v1/auth/refresh', {body: {refresh_token: refresh}});
			if (answer.status !== 200) return answer;
			const tokens = answer.json() as {access_token: string; refresh_token: string};
			// The answer might have been lost: asked again, it is the same.
			const again = await server.call('/api/v1/auth/refresh', {body: {refresh_token: refresh}});
			if ((again.json() as typeof tokens).refresh_token !== tokens.refresh_token) {
				return {status: 0, text: 'another successor'};
			}
			refresh = tokens.refresh_token;
			return server.call('/api/v1/auth/me', {bearer: tokens.access_token});
		}),
	];
	return {
		requests: () => requests,
		async end() {
			isEnded = true;
			await Promise.all(running);
			return failures;
		},
	};
}

async function openSession(server: Server) {
	const login = await server.call('/api/v1/auth/login', {
		body: {email: 'admin@example.com', password: 'correct horse battery staple'},
	});
	const tokens = login.json() as {access_token: string; refresh_token: string};
	const jwt = tokens.access_token;
	const {id} = await defaultOrganisation(server, jwt);
	const {key} = await makeKey(server, jwt, id);
	await makeKey(server, jwt, id);
	const page = await server.call(`/api/v1/organizations/${id}/api-keys?limit=1`, {bearer: jwt});
	const next = /<([^>]+)>; rel="next"/.exec(String(page.headers['link']))?.[1] ?? '';
	const {pathname, search} = new URL(next, server.url);
	return {jwt, refresh: tokens.refresh_token, key, next: `${pathname}${search}`};
}

test.serial(
	'S-95: everything is rotated under load, also killed half-way, and no request fails',
	async (t) => {
		const {appliance, db, file} = await start(t);
		const [one, two] = await Promise.all([appliance.startServer(), appliance.startServer()]);
		const worker = await appliance.startWorker();
		const [old = ''] = await linesOf(file);
		const loads = [load(one, await openSession(one)), load(two, await openSession(two))];
		const before = (await one.call('/.well-known/jwks.json')).json() as KeySet;

		const killed = operate(appliance, 'rotate', '--master-key');
		await eventually(() => killed.output().includes('encrypted anew'), {withinMs: 60_000});
		killed.kill('SIGKILL');
		await killed.exited;
		const [current = '', ...older] = await linesOf(file);
		t.deepEqual(older, [old]);
		t.is((await keysInUse(db)).noted.length, 2);

		const output = await succeeds(
			t,
			appliance,
			'rotate',
			'--master-key',
			'--signing-keys',
			'--audit-key',
		);
		t.regex(output, /^ending the rotation that was begun$/m);
		t.regex(output, /^access_token: key [\w-]{43} signs from \S+Z on$/m);
		t.regex(output, /^audit: key [\w-]{43} signs from \S+Z on$/m);
		t.deepEqual(await linesOf(file), [current, old], 'no other master key was made');
		t.is((await stat(file)).mode & 0o777, 0o400);
		t.deepEqual(await keysInUse(db), {used: [idOf(current)], noted: [idOf(current)]});
		t.false(output.includes(current) || output.includes(old));

		const total = () => loads.reduce((sum, {requests}) => sum + requests(), 0);
		const soFar = total();
		// The new key of access tokens signs as soon as its time comes, on every server.
		const after = (await one.call('/.well-known/jwks.json')).json() as KeySet;
		await eventually(async () => {
			const sets = await Promise.all(
				[one, two].map((server) => server.call('/.well-known/jwks.json')),
			);
			return sets.every(({text}) => (JSON.parse(text) as KeySet).keys.length === 2);
		});
		t.true(after.keys.length <= 2);
		await db('signing_keys')
			.where({purpose: 'access_token'})
			.update({activated_at: db.raw("activated_at - interval '11 minutes'")});
		const kidOf = (jwt: string) =>
			JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString()).kid as string;
		for (const server of [one, two]) {
			await eventually(async () => kidOf(await server.logIn()) !== before.keys[0]?.kid);
		}
		await eventually(() => total() > soFar + 50);
		for (const running of loads) t.deepEqual(await running.end(), []);
		t.log(`${total()} requests`);

		await succeeds(t, appliance, 'rotate', '--drop-old-master-keys');
		t.deepEqual(await linesOf(file), [current]);
		t.is((await stat(file)).mode & 0o777, 0o400);
		for (const program of [one, two, worker]) {
			t.is(await program.stop(), 0);
			t.notRegex(program.output(), /"level":"(error|fatal)"/);
			t.false(program.output().includes('signing keys could not be read'));
		}
		const third = await appliance.startServer();
		t.truthy(await third.logIn());
	},
);

test.serial(
	'S-95: a rotation that was done can be done again; the old master key alone is refused then',
	async (t) => {
		const {appliance, db, file} = await start(t);
		const server = await appliance.startServer();
		const jwt = await server.logIn();
		t.is(await server.stop(), 0);
		const [old = ''] = await linesOf(file);
		await succeeds(t, appliance, 'rotate', '--master-key');
		await succeeds(t, appliance, 'rotate', '--master-key');
		const lines = await linesOf(file);
		t.is(lines.length, 3);
		t.is(lines[2], old);
		t.deepEqual(await keysInUse(db), {used: [idOf(lines[0] ?? '')], noted: [idOf(lines[0] ?? '')]});
		const left = await resealAll(db, vaultOf(appliance.secretsDirectory));
		t.deepEqual(new Set(Object.values(left)), new Set([0]), 'nothing is left to do');
		const entries = await db('audit_entries').where({action: 'master_key.rotated'});
		t.is(entries.length, 2);
		t.like(JSON.parse(entries[1]?.content ?? ''), {
			actor: {type: 'system', name: 'latchkey secrets'},
			target: {type: 'master_key', id: idOf(lines[0] ?? '')},
		});

		for (const command of ['server', 'worker', 'migrate', 'secrets']) {
			const {LATCHKEY_REDIS_URL: redis = '', ...env} = appliance.env;
			const needsRedis = command === 'server' || command === 'worker';
			const program = startProgram(
				command === 'secrets' ? ['secrets', 'rotate', '--master-key'] : [command],
				{
					...env,
					...(needsRedis && {LATCHKEY_REDIS_URL: redis}),
					LATCHKEY_ENCRYPTION_KEY: old,
				},
			);
			t.is(await program.exited, 78, command);
			t.regex(program.output(), /^encryption_key is not the one this database was set up with/m);
		}
		const again = await appliance.startServer();
		t.is((await again.call('/api/v1/auth/me', {bearer: jwt})).status, 200);
	},
);

test.serial(
	'S-95: killed again and again among many values, a rotation goes on where it was and loses none',
	async (t) => {
		const {appliance, db, file} = await start(t);
		await (await appliance.startServer()).stop();
		const before = vaultOf(appliance.secretsDirectory);
		const column = sealedColumns.instanceSecret;
		const names = Array.from({length: 3000}, (_, index) => `secret ${index}`);
		const rows = names.map((name) => ({name, value: before.seal(column, name, Buffer.from(name))}));
		await db.batchInsert('instance_secrets', rows, 1000);
		const current = async () => {
			const [line = ''] = await linesOf(file);
			const {rows: found} = await db.raw<{rows: {done: number}[]}>(
				'select count(*)::int as done from instance_secrets where substring(value from 2 for 8) = ?',
				[Buffer.from(idOf(line), 'hex')],
			);
			return found[0]?.done ?? 0;
		};
		let done = 0;
		for (let round = 0; round < 3; round++) {
			const program = operate(appliance, 'rotate', '--master-key');
			await eventually(async () => (await linesOf(file)).length === 2 && (await current()) > done, {
				withinMs: 60_000,
				what: `more than ${done} done: ${program.output()}`,
			});
			program.kill('SIGKILL');
			await program.exited;
			done = await current();
			t.is((await linesOf(file)).length, 2, 'one new master key for all of it');
		}
		t.log(`${done} of ${names.length} done when it was killed last`);
		await succeeds(t, appliance, 'rotate', '--master-key');
		t.is(await current(), names.length + 3);
		t.is((await keysInUse(db)).noted.length, 1);
		const after = vaultOf(appliance.secretsDirectory);
		for (const {name, value} of await db('instance_secrets').whereIn('name', names)) {
			if (after.open(column, name, value).toString() !== name) t.fail(name);
		}
	},
);

test.serial('S-95: of a rotation under way both master keys are needed', async (t) => {
	const {appliance, db, file} = await start(t);
	await (await appliance.startServer()).stop();
	const [old = ''] = await linesOf(file);
	const program = operate(appliance, 'rotate', '--master-key');
	await eventually(() => program.output().includes('encrypted anew'), {withinMs: 60_000});
	program.kill('SIGKILL');
	await program.exited;
	const [current = ''] = await linesOf(file);
	for (const only of [old, current]) {
		const server = startProgram(['server'], {...appliance.env, LATCHKEY_ENCRYPTION_KEY: only});
		t.is(await server.exited, 78);
		t.regex(server.output(), /^encryption_key lacks a master key that this database needs/m);
	}
	const drop = operate(appliance, 'rotate', '--drop-old-master-keys');
	t.is(await drop.exited, 78);
	t.regex(drop.output(), /^Something is still encrypted with an older master key/m);
	t.deepEqual(await linesOf(file), [current, old]);
	t.is((await keysInUse(db)).noted.length, 2);
	t.truthy(await (await appliance.startServer()).logIn());
});

test.serial(
	'S-95: a master key that the operator gives by a variable is rotated by the operator',
	async (t) => {
		const {appliance, db, file} = await start(t);
		await (await appliance.startServer()).stop();
		const [old = ''] = await linesOf(file);
		const young = Buffer.alloc(32, 7).toString('base64url');
		const run = (keys: string) => {
			const {LATCHKEY_REDIS_URL: _, ...env} = appliance.env;
			return startProgram(['secrets', 'rotate', '--master-key'], {
				...env,
				LATCHKEY_ENCRYPTION_KEY: keys,
			});
		};
		const refused = run(old);
		t.is(await refused.exited, 78);
		t.regex(refused.output(), /^LATCHKEY_ENCRYPTION_KEY is given by a variable/m);
		t.deepEqual(await linesOf(file), [old]);
		const done = run(`${young}\n${old}`);
		t.is(await done.exited, 0, done.output());
		t.deepEqual(await keysInUse(db), {used: [idOf(young)], noted: [idOf(young)]});
		t.deepEqual(await linesOf(file), [old], 'the file is not touched');
	},
);

test('two rotations at once make one master key after the other, and lose none', async (t) => {
	const {appliance, db, file} = await start(t);
	await (await appliance.startServer()).stop();
	const [old = ''] = await linesOf(file);
	await Promise.all([
		succeeds(t, appliance, 'rotate', '--master-key'),
		succeeds(t, appliance, 'rotate', '--master-key'),
	]);
	const lines = await linesOf(file);
	t.true(lines.includes(old));
	t.deepEqual(await keysInUse(db), {used: [idOf(lines[0] ?? '')], noted: [idOf(lines[0] ?? '')]});
});

test('a folder that cannot be written leaves everything as it was, and says what to do', async (t) => {
	const {appliance, db} = await start(t);
	await (await appliance.startServer()).stop();
	const elsewhere = await mkdtemp(path.join(testServices().directory, 'read-only-'));
	const key = await readFile(path.join(appliance.secretsDirectory, 'encryption_key'), 'utf8');
	await writeFile(path.join(elsewhere, 'encryption_key'), key);
	// Nobody can make a file there, not even root.
	const before = await keysInUse(db);
	const program = startProgram(['secrets', 'rotate', '--master-key'], {
		...Object.fromEntries(
			Object.entries(appliance.env).filter(([name]) => name !== 'LATCHKEY_REDIS_URL'),
		),
		LATCHKEY_SECRETS_DIR: '/proc/self/fd',
		LATCHKEY_DATABASE_SECRETS_DIR: elsewhere,
	});
	t.is(await program.exited, 78);
	t.regex(program.output(), /cannot be replaced \(\w+\): its folder must be writable here/);
	t.deepEqual(await keysInUse(db), before);
	t.is(await readFile(path.join(elsewhere, 'encryption_key'), 'utf8'), key);
});

test('wrong use is answered with how to, and changes nothing', async (t) => {
	const {appliance, db} = await start(t);
	await (await appliance.startServer()).stop();
	const before = await db('signing_keys').select('kid').orderBy('kid');
	for (const args of [
		[],
		['rotate'],
		['rotate', '--at-once'],
		['rotate', '--everything'],
		['turn', '--master-key'],
		['rotate', 'rotate', '--audit-key'],
	]) {
		const program = operate(appliance, ...args);
		t.is(await program.exited, 2, args.join(' '));
		t.regex(program.output(), /^Usage: latchkey secrets rotate/m);
	}
	t.regex(await succeeds(t, appliance, '--help'), /--drop-old-master-keys/);
	t.deepEqual(await db('signing_keys').select('kid').orderBy('kid'), before);
});

test('at once: the old key of access tokens ends on every server, sessions go on by a refresh', async (t) => {
	const {appliance} = await start(t);
	const server = await appliance.startServer();
	const {jwt, refresh} = await openSession(server);
	const output = await succeeds(t, appliance, 'rotate', '--signing-keys', '--at-once');
	t.regex(output, /^access_token: key [\w-]{43} signs from/m);
	await eventually(
		async () => (await server.call('/api/v1/auth/me', {bearer: jwt})).status === 401,
	);
	const answer = await server.call('/api/v1/auth/refresh', {body: {refresh_token: refresh}});
	const {access_token: fresh} = answer.json() as {access_token: string};
	t.is((await server.call('/api/v1/auth/me', {bearer: fresh})).status, 200);
});

test('every sealed column has the reference that keeps its master key', async (t) => {
	const {appliance, db} = await start(t);
	t.truthy(appliance);
	for (const {table, column, id} of Object.values(sealedColumns)) {
		const {rows} = await db.raw<{rows: {expression: string; target: string}[]}>(
			`select pg_get_expr(d.adbin, d.adrelid) as expression, c.confrelid::regclass::text as target
			from pg_constraint c
			join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any (c.conkey)
			join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
			where c.contype = 'f' and a.attgenerated = 's' and c.conrelid = ?::regclass and c.confrelid = 'master_keys'::regclass`,
			[table],
		);
		t.true(
			rows.some(({expression}) =>
				expression.replaceAll('"', '').includes(`${column} FROM 2 FOR 8`),
			),
			`${table}.${column}: ${JSON.stringify(rows)}`,
		);
		await t.notThrowsAsync(db(table).select(id).limit(1));
	}
});
