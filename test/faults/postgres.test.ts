import {connect, type Socket} from 'node:net';
import test, {type ExecutionContext} from 'ava';
import pg from 'pg';
import type {CreatedClientSecret, ServiceAccount} from '../../contract/service-accounts.ts';
import type {FullVerification} from '../../contract/verification.ts';
import {createKeyFormat} from '../../core/keys/token.ts';
import {administrator, defaultOrganisation, makeKey, type Server} from '../helpers/appliance.ts';
import {
	createOwnServices,
	freeze,
	readyState,
	slowest,
	uncaught,
	volley,
	type OwnServices,
	type Timed,
} from '../helpers/faults.ts';
import type {Answer} from '../helpers/http.ts';
import {eventually, type Program} from '../helpers/program.ts';

/** The product's own bound is 1.5 s; what waits for the other side would take for ever. */
const answerWithinMs = 20_000;

let services: OwnServices;
let server: Server;
let jwt: string;
let key: string;
let organisationPath: string;
let keysPath: string;
/** How a service account says who it is. */
let client: {client_id: string; client_secret: string};

test.before(async () => {
	services = await createOwnServices();
	server = await services.appliance.startServer({LATCHKEY_TRUSTED_PROXIES: 'loopback'});
	jwt = await server.logIn();
	const organisation = await defaultOrganisation(server, jwt);
	organisationPath = `/api/v1/organizations/${organisation.id}`;
	keysPath = `${organisationPath}/api-keys`;
	({key} = await makeKey(server, jwt, organisation.id));
	const accounts = `${organisationPath}/service-accounts`;
	const account = await server.call(accounts, {bearer: jwt, body: {name: 'CI', role: 'verifier'}});
	const {id} = account.json() as ServiceAccount;
	const secret = await server.call(`${accounts}/${id}/secrets`, {bearer: jwt, body: {}});
	const {client_id, client_secret} = secret.json() as CreatedClientSecret;
	client = {client_id, client_secret};
});

test.after.always(() => services.appliance.stop());

test.afterEach((t) => {
	t.deepEqual(uncaught(server), []);
});

const unknownKey = () => createKeyFormat('hklst_').generate();

/** Each has an address of its own, as tries of one are limited. */
let holders = 0;

function postForm(
	path: string,
	form: Record<string, string>,
	headers: Record<string, string> = {},
): Promise<Answer> {
	return server.call(path, {
		body: new URLSearchParams(form).toString(),
		headers: {'Content-Type': 'application/x-www-form-urlencoded', ...headers},
	});
}

const reads = () => ({
	'a protected call': () => server.call('/api/v1/sources', {bearer: key}),
	'a list of keys': () => server.call(keysPath, {bearer: jwt}),
	'the impact of a policy': () =>
		server.call(`${organisationPath}/key-policy/impact`, {
			bearer: jwt,
			body: {max_lifetime_days: 1},
		}),
	'a session': () => server.call('/api/v1/auth/me', {bearer: jwt}),
	'a question of an OAuth client': () => postForm('/oauth2/introspect', {token: key, ...client}),
	'a question about an unknown key': () =>
		postForm('/oauth2/introspect', {token: unknownKey()}, {Authorization: `Bearer ${key}`}),
	'the end of an unknown key': () =>
		postForm(
			'/oauth2/revoke',
			{token: unknownKey()},
			{'X-Forwarded-For': `198.51.100.${++holders % 256}`},
		),
});

const writes = () => ({
	create: () => server.call(keysPath, {bearer: jwt, body: {name: 'during a fault'}}),
	revoke: () =>
		server.call(`${keysPath}/00000000-0000-4000-8000-000000000000`, {
			method: 'DELETE',
			bearer: jwt,
		}),
	'a new source': () => server.call('/api/v1/sources', {bearer: key, body: {name: 'a', type: 'b'}}),
	// It notes when a secret was used last.
	'a token': () => postForm('/oauth2/token', {grant_type: 'client_credentials', ...client}),
});

let logins = 0;
/** From another address each time: attempts of one are limited. */
const logIn = () =>
	server.call('/api/v1/auth/login', {
		body: administrator,
		headers: {'X-Forwarded-For': `192.0.2.${++logins}`},
	});

const everything = () => ({...reads(), ...writes(), login: logIn});

/** Each call several times, so that every connection of the pools is in use. */
function crowd(times = 8): Record<string, () => Promise<Answer>> {
	const calls = Object.entries({...reads(), ...writes()});
	const many = Array.from({length: times}, (_, i) =>
		calls.map(([what, send]) => [`${what} ${i}`, send] as const),
	);
	return {...Object.fromEntries(many.flat()), login: logIn};
}

function assertAllAway(t: ExecutionContext, answers: readonly Timed[]) {
	for (const {what, status, headers, text, ms} of answers) {
		t.is(status, 503, `${what}: ${text}`);
		t.is(headers['retry-after'], '1', what);
		const {error, ...more} = JSON.parse(text) as Record<string, string>;
		t.is(typeof error, 'string', what);
		// To an OAuth client (RFC 6749, 5.2).
		t.true(['', 'error_description'].includes(Object.keys(more).join()), what);
		t.true(ms < answerWithinMs, `${what} took ${ms} ms`);
	}
}

async function assertDown(t: ExecutionContext) {
	t.is((await server.call('/livez')).status, 200);
	const {status, body} = await readyState(server);
	t.is(status, 503);
	t.is(body.status, 'unavailable');
	t.is(body.dependencies.postgresql.state, 'down');
	t.is(body.dependencies.redis.state, 'ok');
}

/** Everything works again, without a hand. */
async function assertRecovery(t: ExecutionContext) {
	const startedAt = performance.now();
	await eventually(
		async () => {
			const answers = await volley(everything());
			const wanted = [200, 200, 200, 200, 200, 200, 200, 201, 404, 201, 200, 200];
			return answers.every(({status}, i) => status === wanted[i]);
		},
		{what: 'every call to work again'},
	);
	t.log(`all calls work again after ${Math.round(performance.now() - startedAt)} ms`);
	await eventually(async () => (await readyState(server)).body.status === 'ready');
}

test.serial('PostgreSQL stands still: every call is answered with 503 in time', async (t) => {
	await volley(crowd());
	const limited = await server.call(keysPath, {
		bearer: jwt,
		body: {name: 'limited', rate_limits: [{name: 'three', limit: 3, window_seconds: 3600}]},
	});
	const known = {key: (limited.json() as {key: string}).key, method: 'GET'};
	const verify = async (body: object, headers = {}) =>
		server.call(`/api/v1/keys/verify${'keys' in body ? '/batch' : ''}`, {
			bearer: key,
			headers,
			body,
		});
	t.like((await verify(known)).json() as object, {valid: true});
	const goOn = await freeze(services.postgres);
	try {
		const unknown = {key: createKeyFormat('hklst_').generate()};
		const asked = await volley({
			'a batch with a key that is not known': () => verify({keys: [known, unknown, known]}),
			'verify past memory': () => verify(known, {'Cache-Control': 'no-cache'}),
		});
		assertAllAway(t, asked);
		const open = await volley(crowd());
		t.log(`connections open: slowest of ${open.length} answers ${slowest(open)} ms`);
		assertAllAway(t, open);
		const none = await volley(crowd());
		t.log(`no connection open: slowest of ${none.length} answers ${slowest(none)} ms`);
		assertAllAway(t, none);
		await assertDown(t);
	} finally {
		goOn();
	}
	await assertRecovery(t);
	const {rate_limits: limits} = (await verify(known)).json() as FullVerification;
	t.is(limits[0]?.remaining, 1, 'what was not decided was not charged');
});

test.serial(
	'PostgreSQL stops in the middle of calls: none hangs and none is refused',
	async (t) => {
		let ended = false;
		const answers: Timed[] = [];
		const callers = Array.from({length: 12}, async () => {
			while (!ended) answers.push(...(await volley({...reads(), ...writes()})));
		});
		await eventually(() => answers.length > 100);
		const goOn = await freeze(services.postgres);
		await eventually(() => answers.filter(({status}) => status === 503).length > 50);
		ended = true;
		await Promise.all(callers);
		goOn();
		t.log(`slowest of ${answers.length} answers ${slowest(answers)} ms`);
		t.true(slowest(answers) < answerWithinMs);
		for (const {what, status, text} of answers) {
			t.true([200, 201, 404, 503].includes(status), `${what}: ${status} ${text}`);
		}
		await assertRecovery(t);
	},
);

test.serial('the connection queue of a stopped PostgreSQL is full: 503 at once', async (t) => {
	const goOn = await freeze(services.postgres);
	const {host, port} = services.postgres.config;
	const waiting: Socket[] = [];
	try {
		const isFull = Promise.withResolvers<string>();
		for (let i = 0; i < 5000; i++) {
			const socket = connect(`${host}/.s.PGSQL.${port}`);
			socket.once('error', ({message}) => isFull.resolve(message));
			waiting.push(socket);
		}
		t.regex(await isFull.promise, /EAGAIN/);
		assertAllAway(t, await volley(crowd(2)));
	} finally {
		for (const socket of waiting) socket.destroy();
		goOn();
	}
	await assertRecovery(t);
});

test.serial('PostgreSQL is killed and started again', async (t) => {
	await volley(crowd());
	process.kill(services.postgres.pid, 'SIGKILL');
	await eventually(async () => (await server.call(keysPath, {bearer: jwt})).status === 503);
	const away = await volley(crowd());
	t.log(`slowest of ${away.length} answers ${slowest(away)} ms`);
	assertAllAway(t, away);
	await eventually(async () => (await readyState(server)).status === 503);
	await assertDown(t);
	await services.postgres.start();
	await assertRecovery(t);
});

test.serial('PostgreSQL is restarted under load', async (t) => {
	let ended = false;
	const statuses = new Map<number, number>();
	const callers = Array.from({length: 6}, async () => {
		while (!ended) {
			for (const {status} of await volley({...reads(), ...writes()})) {
				statuses.set(status, (statuses.get(status) ?? 0) + 1);
			}
		}
	});
	await eventually(() => (statuses.get(200) ?? 0) > 50);
	await services.postgres.stop();
	await eventually(() => (statuses.get(503) ?? 0) > 0);
	await services.postgres.start();
	await assertRecovery(t);
	ended = true;
	await Promise.all(callers);
	t.log(JSON.stringify(Object.fromEntries(statuses)));
	t.deepEqual(
		[...statuses.keys()].filter((status) => ![200, 201, 404, 503].includes(status)),
		[],
	);
});

test.serial(
	'F-12: PostgreSQL is read-only: reading works, writing is 503, nothing is refused',
	async (t) => {
		// Of an OAuth client that asks, the next use is worth a write, which has to fail in silence.
		await asAdministrator('update client_secrets set last_used_at = null');
		await asAdministrator("alter system set default_transaction_read_only = 'on'");
		await asAdministrator('select pg_reload_conf()');
		try {
			await eventually(async () => (await volley(writes())).every(({status}) => status === 503), {
				what: 'writes to be answered 503',
			});
			assertAllAway(t, await volley(writes()));
			for (const {what, status} of await volley(reads())) t.is(status, 200, what);
			t.is((await server.call('/livez')).status, 200);
		} finally {
			await asAdministrator('alter system reset default_transaction_read_only');
			await asAdministrator('select pg_reload_conf()');
		}
		await assertRecovery(t);
	},
);

test.serial(
	'PostgreSQL takes no more connections: 503, and on as soon as there is room',
	async (t) => {
		const {user} = services.postgres.config;
		await asAdministrator(`alter role ${user} connection limit 0`);
		await asAdministrator(
			`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${user}'`,
		);
		try {
			await eventually(async () => (await server.call(keysPath, {bearer: jwt})).status === 503);
			assertAllAway(t, await volley(crowd(2)));
			await eventually(async () => (await readyState(server)).status === 503);
			await assertDown(t);
		} finally {
			await asAdministrator(`alter role ${user} connection limit -1`);
		}
		await assertRecovery(t);
	},
);

test.serial('a server that starts without PostgreSQL waits for it', async (t) => {
	await services.postgres.stop();
	const starting = services.appliance.startServer();
	await eventually(() =>
		services.appliance.programs()[1]?.output().includes('waiting for PostgreSQL'),
	);
	await services.postgres.start();
	const second = await starting;
	t.is((await second.call('/api/v1/sources', {bearer: key})).status, 200);
	t.is(await second.stop(), 0);
	await assertRecovery(t);
});

test.serial('a worker outlasts PostgreSQL standing still, and no use is lost', async (t) => {
	const worker = await services.appliance.startWorker({LATCHKEY_USAGE_FLUSH_MS: '200'});
	const used = await makeKey(server, jwt, keysPath.split('/')[4] ?? '');
	let accepted = 0;
	const use = async () => {
		const {status} = await server.call('/api/v1/sources', {bearer: used.key});
		if (status === 200) accepted++;
	};
	for (let i = 0; i < 10; i++) await use();
	const goOn = await freeze(services.postgres);
	await Promise.all(Array.from({length: 10}, use));
	goOn();
	await eventually(async () => {
		await use();
		return accepted > 20;
	});
	const counted = async () => {
		const [row] = await asAdministrator<{sum: string | null}>(
			`select sum(count) from usage_hourly where key_id = '${used.id}' and outcome = 'valid'`,
		);
		return Number(row?.sum ?? 0);
	};
	// A check whose answer was 503, because the resource could not be read, is a use as well.
	await eventually(async () => (await counted()) >= accepted, {what: 'every use to be counted'});
	t.deepEqual(uncaught(worker), []);
	t.is(await worker.stop(), 0);
});

test.serial('server and worker end with 0 while PostgreSQL stands still', async (t) => {
	const bound = {LATCHKEY_SHUTDOWN_TIMEOUT_MS: '5000'};
	const second = await services.appliance.startServer(bound);
	const worker = await services.appliance.startWorker({...bound, LATCHKEY_USAGE_FLUSH_MS: '200'});
	await second.call('/api/v1/sources', {bearer: key});
	const goOn = await freeze(services.postgres);
	try {
		const startedAt = performance.now();
		const took: string[] = [];
		const stop = async (program: Program, name: string) => {
			const code = await program.stop();
			took.push(`${name} ${Math.round(performance.now() - startedAt)} ms`);
			return code;
		};
		t.deepEqual(await Promise.all([stop(second, 'server'), stop(worker, 'worker')]), [0, 0]);
		t.log(took.join(', '));
	} finally {
		goOn();
	}
	t.deepEqual([...uncaught(second), ...uncaught(worker)], []);
	await assertRecovery(t);
});

async function asAdministrator<Row extends pg.QueryResultRow>(statement: string): Promise<Row[]> {
	const client = new pg.Client({...services.postgres.adminConfig, query_timeout: 30_000});
	await client.connect();
	try {
		await client.query('set default_transaction_read_only = off');
		return (await client.query<Row>(statement)).rows;
	} finally {
		await client.end();
	}
}
