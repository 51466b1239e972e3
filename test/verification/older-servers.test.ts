import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import test from 'ava';
import type {Knex} from 'knex';
import type {Diagnosis} from '../../contract/diagnosis.ts';
import type {Ready} from '../../contract/health.ts';
import type {RequestedTerms, TermsOfKind} from '../../contract/key-terms.ts';
import type {CreatedKey} from '../../contract/keys.ts';
import type {System} from '../../contract/system.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {versionOf} from '../../core/keys/terms.ts';
import {leaseMs} from '../../core/verification/lease.ts';
import {
	requireTermsVersion,
	termsVersion,
	UpgradeInProgress,
	versionsOfState,
} from '../../core/verification/terms-version.ts';
import {healthLines} from '../../tui/screens/system/health/lines.ts';
import {
	administrator,
	createAppliance,
	defaultOrganisation,
	makeKey,
	type Appliance,
	type Server,
} from '../helpers/appliance.ts';
import {call, type Answer} from '../helpers/http.ts';
import {eventually, freePort, startProgram, type Program} from '../helpers/program.ts';

/*
Servers of two versions on one database: one that understands a term of keys, and one that does not.
*/

const script = path.join(import.meta.dirname, '..', 'helpers', 'server-of-terms-version.js');

let appliance: Appliance;
let db: Knex;
let newer: Server;
let jwt: string;
let key: string;
const programs: Program[] = [];

test.beforeEach(async () => {
	appliance = await createAppliance();
	db = connectDatabase(appliance.database, 'test');
	newer = await startServer(termsVersion);
	jwt = await newer.logIn();
	const {id} = await defaultOrganisation(newer, jwt);
	key = (await makeKey(newer, jwt, id)).key;
});

test.afterEach.always(async () => {
	await Promise.all(programs.splice(0).map((program) => program.stop()));
	await db?.destroy();
	await appliance?.stop();
});

async function startServer(understood: number): Promise<Server> {
	const port = await freePort();
	const program = startProgram(
		[String(understood)],
		{
			...appliance.env,
			LATCHKEY_PORT: String(port),
			LATCHKEY_BOOTSTRAP_ADMIN_EMAIL: administrator.email,
			LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD: administrator.password,
		},
		script,
	);
	programs.push(program);
	const url = `http://127.0.0.1:${port}`;
	await eventually(async () => (await call(url, '/readyz')).status === 200);
	const send: Server['call'] = (route, options) => call(url, route, options);
	return Object.assign(program, {
		url,
		port,
		call: send,
		async logIn() {
			const answer = await send('/api/v1/auth/login', {body: administrator});
			return (answer.json() as {access_token: string}).access_token;
		},
	});
}

/** The first use of a term: a key that carries it, and the version, in one transaction. */
const raise = () =>
	db.transaction(async (transaction) => {
		await requireTermsVersion(transaction, 2);
		await transaction('instance_settings')
			.where({name: 'least_terms_known_since'})
			.update({value: '7.0.0'});
		await transaction('api_keys').update({name: 'carries a term'});
	});

const readLeast = async () =>
	(await db('instance_settings').where({name: 'least_terms_version'}).first())?.value;

const holdLeases = (count: number) =>
	eventually(async () => {
		const {rows} = await db.raw<{rows: object[]}>(
			'select from verifiers where lease_until > clock_timestamp()',
		);
		return rows.length === count;
	});

const use = (server: Server) => server.call('/api/v1/sources', {bearer: key, timeoutMs: 20_000});

/** Every way to have a server decide about the key. */
const doors: readonly ((server: Server) => Promise<Answer>)[] = [
	use,
	(server) => server.call('/api/v1/keys/self', {bearer: key, timeoutMs: 20_000}),
	(server) => server.call('/api/v1/forward-auth', {bearer: key, timeoutMs: 20_000}),
	(server) => server.call('/api/v1/keys/verify', {bearer: jwt, body: {key}, timeoutMs: 20_000}),
	(server) => server.call('/api/v1/sources', {headers: {'X-API-Key': key}, timeoutMs: 20_000}),
];

/** What the console says of the appliance when it asks this server. */
async function healthOf(server: Server): Promise<string> {
	const [system, checks] = await Promise.all([
		server.call('/api/v1/system', {bearer: jwt}),
		server.call('/api/v1/system/checks', {bearer: jwt}),
	]);
	const report = {
		id: 'system',
		version: '',
		dependencies: (system.json() as System).dependencies,
		system: system.json() as System,
		checks: checks.json() as Diagnosis,
	} as const;
	const lines = healthLines(report, Date.now(), 200);
	return lines.map((line) => line.map(([text]) => text).join('')).join('\n');
}

/** A server looks at all of it once in a few seconds. */
async function becomesHealth(server: Server, isSo: (told: string) => boolean): Promise<void> {
	await eventually(async () => isSo(await healthOf(server)), {what: 'what health says'});
}

async function isTooOld(server: Server): Promise<boolean> {
	const answer = await server.call('/readyz');
	const {status, dependencies} = answer.json() as Ready;
	return (
		answer.status === 503 &&
		status === 'unavailable' &&
		dependencies.postgresql.reason === 'too_old'
	);
}

test.serial(
	'nothing changes while an older server lives, and all is had when it is gone',
	async (t) => {
		const older = await startServer(1);
		await holdLeases(2);
		t.is((await use(older)).status, 200);
		await becomesHealth(newer, (told) => /An older version still runs: \S+\/\d+/.test(told));
		for (let attempt = 0; attempt < 3; attempt++) {
			await t.throwsAsync(raise(), {instanceOf: UpgradeInProgress});
		}
		t.is(await readLeast(), '1');
		t.is(await db('api_keys').where({name: 'carries a term'}).first(), undefined);
		t.is((await use(older)).status, 200);

		older.kill('SIGKILL');
		await older.exited;
		const killedAt = performance.now();
		await eventually(() => raise().then(() => true));
		t.true(performance.now() - killedAt < leaseMs + 2000);
		t.is(await readLeast(), '2');
		t.is((await use(newer)).status, 200);
	},
);

test.serial('a server that is told to stop holds nothing up', async (t) => {
	const older = await startServer(1);
	await holdLeases(2);
	t.is(await older.stop(), 0);
	await t.notThrowsAsync(raise());
});

test.serial('an older server does not start any more and says what is needed', async (t) => {
	await raise();
	const older = startProgram(
		['1'],
		{...appliance.env, LATCHKEY_PORT: String(await freePort())},
		script,
	);
	t.is(await older.exited, 78);
	t.regex(older.output(), /^Latchkey 7\.0\.0 or newer is needed here, and this is \d/m);
	t.regex(older.output(), /terms of version 2; a server that knows them up to version 1/);
});

test.serial('one that stood still meanwhile gives no verdict when it goes on', async (t) => {
	const older = await startServer(1);
	await holdLeases(2);
	t.is((await use(older)).status, 200);
	older.kill('SIGSTOP');
	await holdLeases(1);
	await raise();
	const waiting = Array.from({length: 4}, () => doors.map((door) => door(older))).flat();
	await sleep(200);
	older.kill('SIGCONT');
	const answers = await Promise.all(waiting);
	for (let round = 0; round < 20; round++) {
		for (const door of doors) answers.push(await door(older));
		await sleep(100);
	}
	t.deepEqual([...new Set(answers.map(({status}) => status))], [503]);
	t.is(answers[0]?.headers['retry-after'], '1');
	t.is(answers[0]?.headers['latchkey-error-code'], 'unavailable');
	t.true(await eventually(() => isTooOld(older)));
	t.is((await older.call('/livez')).status, 200);
	t.regex((await older.call('/metrics')).text, /^latchkey_too_old 1$/m);
	t.regex(older.output(), /start a newer one/);
	await becomesHealth(older, (told) => /This server is too old for what keys carry/.test(told));

	for (const door of doors) t.is((await door(newer)).status, 200);
	await becomesHealth(newer, (told) => !/older version|too old/.test(told));
	t.is((await newer.call('/readyz')).status, 200);
	t.regex((await newer.call('/metrics')).text, /^latchkey_too_old 0$/m);
});

test.serial('one without a lease decides nothing by what it reads, either', async (t) => {
	const older = await startServer(1);
	await holdLeases(2);
	// As when LATCHKEY_DATABASE_DIRECT_URL has stopped leading there: it goes on without a lease.
	const owner = connectDatabase(appliance.ownerDatabase, 'test');
	t.teardown(() => owner.destroy());
	await owner.raw(
		`create function refuse_all() returns trigger language plpgsql as $$ begin raise 'no lease'; end $$;
		create trigger refuse_all before insert on verifiers for each row when (new.terms_version = 1) execute function refuse_all()`,
	);
	await holdLeases(1);
	t.is((await use(older)).status, 200, 'it asks PostgreSQL each time');
	await raise();
	t.is((await use(older)).status, 503);
	t.is((await use(newer)).status, 200);
});

test.serial('several processes of an older server end together; the worker goes on', async (t) => {
	await raise();
	await newer.stop();
	const env = {...appliance.env, LATCHKEY_PORT: String(await freePort()), LATCHKEY_PROCESSES: '2'};
	await db('instance_settings').where({name: 'least_terms_version'}).update({value: '1000'});
	const shipped = startProgram(['server'], env);
	t.is(await shipped.exited, 78);
	t.regex(shipped.output(), /Latchkey 7\.0\.0 or newer is needed here/);
	const worker = await appliance.startWorker();
	await eventually(async () => (await worker.lastFlush()) > 0);
	t.pass();
});

/** Such a key is accepted from here by whoever knows the term; by an older server, it would be from everywhere. */
const withTerm = {name: 'bound to networks', ip_allow: ['127.0.0.0/8']};

const keysPath = async () => {
	const {id} = await defaultOrganisation(newer, jwt);
	return `/api/v1/organizations/${id}/api-keys`;
};

/** Each term, in a way that leaves the key usable from here. */
const eachTerm: {[Name in TermsOfKind<'terms'>]: NonNullable<RequestedTerms[Name]>} = {
	ip_allow: ['127.0.0.0/8'],
	ip_deny: ['192.0.2.0/24'],
	scopes: ['latchkey:*'],
	rate_limits: [{name: 'wide', limit: 1000, window_seconds: 1, burst: 1000, cost: 1, auto: true}],
	quota: {limit: 10 ** 6, period: 'total', reset_day: null, timezone: 'UTC', cost: 1},
};

for (const [name, value] of Object.entries(eachTerm)) {
	const version = versionOf({[name]: value});

	test.serial(
		`a key with ${name} is made when no older server lives, and no older one accepts it`,
		async (t) => {
			const older = await startServer(version - 1);
			await holdLeases(2);
			const path_ = await keysPath();
			const create = () =>
				newer.call(path_, {bearer: jwt, body: {name: 'carries a term', [name]: value}});
			const before = (await newer.call(`${path_}?view=full`, {bearer: jwt})).text;
			const refused = await create();
			t.is(refused.status, 409);
			t.is(refused.headers['latchkey-error-code'], 'upgrade_in_progress');
			t.deepEqual(refused.json(), {
				error: 'A server of an older version is still running; finish the upgrade first',
			});
			t.is((await newer.call(`${path_}?view=full`, {bearer: jwt})).text, before);
			t.is(await readLeast(), '1');
			const told = await db('audit_entries').whereRaw("content like '%carries a term%'");
			t.deepEqual(told, []);
			await eventually(() => newer.output().includes('an older server holds a lease'));
			const plain = await newer.call(path_, {bearer: jwt, body: {name: 'plain'}});
			t.is(plain.status, 201, 'what carries nothing is made as ever');

			older.kill('SIGSTOP');
			const stoppedAt = performance.now();
			const made = await eventually(async () => {
				const answer = await create();
				return answer.status === 201 && answer;
			});
			t.true(performance.now() - stoppedAt < leaseMs + 2000);
			t.is(await readLeast(), String(version));
			key = (made.json() as CreatedKey).key;
			for (const door of doors) t.is((await door(newer)).status, 200);
			older.kill('SIGCONT');
			for (let round = 0; round < 10; round++) {
				for (const door of doors) t.is((await door(older)).status, 503);
			}
		},
	);
}

test.serial(
	'a server that starts while a term is first used is seen, or never accepts the key',
	async (t) => {
		const path_ = await keysPath();
		const create = () => newer.call(path_, {bearer: jwt, body: withTerm});
		const startedAt = performance.now();
		const first = await startServer(1);
		const startMs = performance.now() - startedAt;
		await first.stop();
		const results = {first: 0, seen: 0, ended: 0, unavailable: 0};
		const rounds = 8;
		for (let round = 0; round < rounds; round++) {
			await db('instance_settings').where({name: 'least_terms_version'}).update({value: '1'});
			const port = await freePort();
			const older = startProgram(['1'], {...appliance.env, LATCHKEY_PORT: String(port)}, script);
			programs.push(older);
			let hasEnded = false;
			void older.exited.then(() => {
				hasEnded = true;
			});
			// First before it can have a lease, last when it has one.
			if (round === rounds - 1) await holdLeases(2);
			else await sleep((startMs * round) / (rounds - 2));
			const answer = await create();
			if (answer.status === 201) {
				results.first++;
				key = (answer.json() as CreatedKey).key;
				const until = performance.now() + startMs + 2000;
				while (!hasEnded && performance.now() < until) {
					const use_ = await call(`http://127.0.0.1:${port}`, '/api/v1/sources', {
						bearer: key,
					}).catch(() => undefined);
					t.true([undefined, 503].includes(use_?.status), use_?.text);
					if (use_ !== undefined) results.unavailable++;
					await sleep(10);
				}
				if (hasEnded) {
					results.ended++;
					t.is(await older.exited, 78);
				}
			} else {
				results.seen++;
				t.is(answer.status, 409, answer.text);
				t.is(await readLeast(), '1');
			}
			await older.stop();
			// One that was killed at its start keeps its lease until that ends.
			await eventually(async () => (await create()).status === 201);
		}
		t.log(results);
		t.true(results.first > 0 && results.seen > 0);
	},
);

/**
 * What a key is given in a column of its own, by the version of the terms that it asks for, and what
 * the call and the next use of the key are answered.
 */
const givenInColumns = [
	[versionsOfState.suspended, 'suspended_at', 'POST', '/suspend', {}, [200, 401]],
	[versionsOfState.grace, 'grace_until', 'POST', '/rotate', {}, [201, 200]],
	[
		versionsOfState.not_before,
		'not_before',
		'PATCH',
		'',
		{not_before: '2099-01-01T00:00:00Z'},
		[200, 401],
	],
] as const;

for (const [version, column, method, end, body, [given, used]] of givenInColumns) {
	test.serial(`${column} is given when no older server lives, and not before`, async (t) => {
		await newer.stop();
		newer = await startServer(version);
		jwt = await newer.logIn();
		const older = await startServer(version - 1);
		await holdLeases(2);
		t.is((await use(older)).status, 200);
		const [listed] = (await newer.call(await keysPath(), {bearer: jwt})).json() as CreatedKey[];
		const path_ = `${await keysPath()}/${listed?.id}${end}`;
		const give = () => newer.call(path_, {method, bearer: jwt, body});
		const refused = await give();
		t.is(refused.status, 409);
		t.is(refused.headers['latchkey-error-code'], 'upgrade_in_progress');
		await t.throwsAsync(db('api_keys').update({[column]: db.raw("now() + interval '1 day'")}), {
			message: /older version is still running/,
		});
		t.is((await use(older)).status, 200);
		t.is((await use(newer)).status, 200);
		older.kill('SIGSTOP');
		await eventually(async () => (await give()).status === given);
		t.is((await use(newer)).status, used);
		older.kill('SIGCONT');
		for (const door of doors.filter((_, n) => n !== 3)) t.is((await door(older)).status, 503);
	});
}

test.serial('a key is given a role when no older server lives, and not before', async (t) => {
	const older = await startServer(versionsOfState.roles - 1);
	await holdLeases(2);
	const {id} = await defaultOrganisation(newer, jwt);
	const made = await newer.call(`/api/v1/organizations/${id}/key-roles`, {
		bearer: jwt,
		body: {name: 'nothing', scopes: []},
	});
	t.is(made.status, 201, 'a role that no key has decides nothing');
	const {id: roleId} = made.json() as {id: string};
	const path_ = await keysPath();
	const body = {name: 'by a role', roles: ['nothing']};
	const create = () => newer.call(path_, {bearer: jwt, body});
	t.is((await create()).headers['latchkey-error-code'], 'upgrade_in_progress');
	const [listed] = (await newer.call(path_, {bearer: jwt})).json() as CreatedKey[];
	const keyId = listed?.id ?? '';
	const give = () =>
		newer.call(`${path_}/${keyId}`, {method: 'PATCH', bearer: jwt, body: {roles: ['nothing']}});
	t.is((await give()).headers['latchkey-error-code'], 'upgrade_in_progress');
	await t.throwsAsync(db('key_role_members').insert({key_id: keyId, role_id: roleId}), {
		message: /older version is still running/,
	});
	t.is((await use(older)).status, 200);
	older.kill('SIGSTOP');
	await eventually(async () => (await give()).status === 200);
	t.is((await use(newer)).status, 403);
	older.kill('SIGCONT');
	for (const door of doors.filter((_, n) => n !== 3)) t.is((await door(older)).status, 503);
});

test.serial('a policy is enforced when no older server lives, and not before', async (t) => {
	const version = versionsOfState.enforced_policy;
	await newer.stop();
	newer = await startServer(version);
	jwt = await newer.logIn();
	const older = await startServer(version - 1);
	await holdLeases(2);
	await db.raw("update api_keys set created_at = now() - interval '10 days'");
	const {id} = await defaultOrganisation(newer, jwt);
	const enforce = () =>
		newer.call(`/api/v1/organizations/${id}/key-policy`, {
			method: 'PATCH',
			bearer: jwt,
			body: {max_lifetime_days: 9, applies_to_existing: 'enforce'},
		});
	const refused = await enforce();
	t.is(refused.status, 409);
	t.is(refused.headers['latchkey-error-code'], 'upgrade_in_progress');
	t.is(await db('key_policies').first(), undefined);
	const row = {max_lifetime_days: 9, applies_to_existing: 'enforce'} as const;
	await t.throwsAsync(db('key_policies').insert({organisation_id: null, ...row}), {
		message: /older version is still running/,
	});
	t.is((await use(older)).status, 200);
	t.is((await use(newer)).status, 200);
	older.kill('SIGSTOP');
	await eventually(async () => (await enforce()).status === 200);
	t.is((await use(newer)).status, 401);
	older.kill('SIGCONT');
	for (const door of doors.filter((_, n) => n !== 3)) t.is((await door(older)).status, 503);
});

test.serial('keys share limits when no older server lives, and not before', async (t) => {
	const older = await startServer(versionsOfState.shared_limits - 1);
	await holdLeases(2);
	const {id} = await defaultOrganisation(newer, jwt);
	const path_ = `/api/v1/organizations/${id}/shared-limits/organization`;
	const body = {rate_limits: [{name: 'all', limit: 1000, window_seconds: 1}]};
	const set = () => newer.call(path_, {method: 'PUT', bearer: jwt, body});
	const refused = await set();
	t.is(refused.status, 409);
	t.is(refused.headers['latchkey-error-code'], 'upgrade_in_progress');
	t.is((await newer.call(path_, {bearer: jwt})).status, 404);
	await t.throwsAsync(db('shared_limits').insert({organisation_id: id}), {
		message: /older version is still running/,
	});
	t.is((await use(older)).status, 200);
	older.kill('SIGSTOP');
	await eventually(async () => (await set()).status === 200);
	t.is((await use(newer)).status, 200);
	older.kill('SIGCONT');
	for (const door of doors.filter((_, n) => n !== 3)) t.is((await door(older)).status, 503);
});

test.serial(
	'a term that is given from psql has every server understand it, or is refused',
	async (t) => {
		const older = await startServer(1);
		await holdLeases(2);
		const give = () => db('api_keys').update({terms: db.raw(`'{"ip_allow":["192.0.2.1/32"]}'`)});
		await t.throwsAsync(give(), {message: /older version is still running/});
		t.is((await use(older)).status, 200);
		await older.stop();
		await give();
		t.is(await readLeast(), '2');
		await eventually(async () => (await use(newer)).status === 403);
		const later = startProgram(
			['1'],
			{...appliance.env, LATCHKEY_PORT: String(await freePort())},
			script,
		);
		t.is(await later.exited, 78);
	},
);
