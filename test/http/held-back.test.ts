import {randomUUID} from 'node:crypto';
import test from 'ava';
import type {Knex} from 'knex';
import type {CreatedKey} from '../../contract/keys.ts';
import type {Tokens} from '../../contract/people.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {hashPassword} from '../../core/people/passwords/password.ts';
import {insertUser} from '../../core/people/store.ts';
import {
	createAppliance,
	makeKey,
	makeOrganisation,
	type Appliance,
	type Server,
} from '../helpers/appliance.ts';
import type {Answer} from '../helpers/http.ts';
import {edKey, mint, seconds, startStubIssuer, type StubIssuer} from '../helpers/issuer.ts';
import {eventually} from '../helpers/program.ts';
import {openLine, parseAnswers, requestText, type WireAnswer} from './wire.ts';

let appliance: Appliance;
let near: Server;
let far: Server;
let admin: string;
let owner: Knex;
let issuer: StubIssuer;
const providerKey = edKey('outside');
const audience = 'https://keys.example/api';

test.before(async () => {
	appliance = await createAppliance();
	issuer = await startStubIssuer(providerKey.jwk);
	const provider = {
		name: 'outside',
		issuer: issuer.url,
		audience,
		algorithms: ['EdDSA'],
		jwks_uri: `${issuer.url}/jwks`,
		allow_insecure_http: true,
	};
	const env = {LATCHKEY_IDENTITY_PROVIDERS: JSON.stringify([provider])};
	near = await appliance.startServer(env);
	far = await appliance.startServer(env);
	admin = await near.logIn();
	passwordHash = await hashPassword(password);
	owner = connectDatabase(appliance.ownerDatabase, 'test');
});

test.after.always(async () => {
	await owner?.destroy();
	await appliance?.stop();
	await issuer?.close();
});

/** A request whose body waits until it is let go; resolves once the server has its head. */
async function holdBack(
	server: Server,
	line: string,
	bearer: string,
	body: unknown,
): Promise<{release: () => Promise<WireAnswer>}> {
	const text = JSON.stringify(body);
	const held = await openLine(server);
	held.socket.write(
		requestText(line, [
			`Authorization: Bearer ${bearer}`,
			'Content-Type: application/json',
			`Content-Length: ${Buffer.byteLength(text)}`,
			'Expect: 100-continue',
		]) + text.slice(0, 1),
	);
	await eventually(() => held.received().includes('100 Continue'));
	// The server has looked at the head by the time it answers something that came after it.
	const {status} = await server.call('/api/v1/keys/self', {bearer});
	if (status === 401) throw new Error('the credential does not count to begin with');
	return {
		async release() {
			held.socket.write(text.slice(1));
			await held.closed;
			const answer = parseAnswers(held.received()).at(-1);
			if (answer === undefined) throw new Error('no answer');
			return answer;
		},
	};
}

const organisationPath = (id: string) => `/api/v1/organizations/${id}`;

const password = 'a long enough password';
let passwordHash: string;

async function somebody(isOperator = false): Promise<{id: string; email: string}> {
	return insertUser(owner, {
		email: `${randomUUID()}@example.com`,
		passwordHash,
		isOperator,
		origin: 'operator',
	});
}

/** An organisation with somebody in it who may make keys. */
async function furnish(): Promise<{
	id: string;
	keys: string;
	person: {id: string; email: string};
	jwt: string;
}> {
	const {id} = await makeOrganisation(near, admin, 'team');
	const person = await somebody();
	await owner('memberships').insert({
		organisation_id: id,
		user_id: person.id,
		role: 'owner',
	});
	const jwt = await near.logIn({email: person.email, password});
	return {id, keys: `${organisationPath(id)}/api-keys`, person, jwt};
}

const patch = (path: string, body: unknown) =>
	far.call(path, {method: 'PATCH', bearer: admin, body});
const remove = (path: string, bearer = admin) => far.call(path, {method: 'DELETE', bearer});

type Case = {
	/** Who has a request under way, and what it would do. */
	begin: (place: Awaited<ReturnType<typeof furnish>>) => Promise<{
		line: string;
		bearer: string;
		body: unknown;
		/** Takes the right away, on another server. */
		take: () => Promise<Answer>;
	}>;
	status: number;
	code: string;
};

const ofPerson =
	(take: (place: Awaited<ReturnType<typeof furnish>>) => Promise<Answer>): Case['begin'] =>
	async (place) => ({
		line: `POST ${place.keys}`,
		bearer: place.jwt,
		body: {name: 'late'},
		take: () => take(place),
	});

async function machine(place: Awaited<ReturnType<typeof furnish>>, role = 'developer') {
	const path = `${organisationPath(place.id)}/service-accounts`;
	const made = await near.call(path, {bearer: admin, body: {name: 'ci', role}});
	const {id} = made.json() as {id: string};
	const secrets = `${path}/${id}/secrets`;
	const {id: secretId, client_secret: secret} = (
		await near.call(secrets, {bearer: admin, body: {}})
	).json() as {id: string; client_secret: string};
	const token = await near.call('/oauth2/token', {
		body: `grant_type=client_credentials&client_id=${id}&client_secret=${secret}`,
		headers: {'Content-Type': 'application/x-www-form-urlencoded'},
	});
	const {access_token: bearer} = token.json() as Tokens;
	return {account: `${path}/${id}`, secret: `${secrets}/${secretId}`, bearer};
}

const ofMachine =
	(take: (paths: {account: string; secret: string}) => Promise<Answer>): Case['begin'] =>
	async (place) => {
		const {bearer, ...paths} = await machine(place);
		return {line: `POST ${place.keys}`, bearer, body: {name: 'late'}, take: () => take(paths)};
	};

const cases: Record<string, Case> = {
	'an API key that is revoked': {
		async begin({id, keys}) {
			const key = await makeKey(near, admin, id);
			return {
				line: 'POST /api/v1/sources',
				bearer: key.key,
				body: {name: 'late', type: 't'},
				take: () => remove(`${keys}/${key.id}`),
			};
		},
		status: 401,
		code: 'unauthorized',
	},
	'an API key whose organisation leaves its plan': {
		async begin({id}) {
			const {key} = await makeKey(near, admin, id);
			return {
				line: 'POST /api/v1/sources',
				bearer: key,
				body: {name: 'late', type: 't'},
				take: () => patch(organisationPath(id), {plan: 'free'}),
			};
		},
		status: 403,
		code: 'plan_required',
	},
	'an API key that asks about another one': {
		async begin({id, keys}) {
			const [caller, other] = [await makeKey(near, admin, id), await makeKey(near, admin, id)];
			return {
				line: 'POST /api/v1/keys/verify',
				bearer: caller.key,
				body: {key: other.key},
				take: () => remove(`${keys}/${caller.id}`),
			};
		},
		status: 401,
		code: 'unauthorized',
	},
	'a person who is disabled': {
		begin: ofPerson(({person}) => patch(`/api/v1/users/${person.id}`, {disabled: true})),
		status: 401,
		code: 'unauthorized',
	},
	'a person who logs out': {
		begin: ofPerson(({jwt}) => far.call('/api/v1/auth/logout', {method: 'POST', bearer: jwt})),
		status: 401,
		code: 'unauthorized',
	},
	'a person whose sessions an operator ends': {
		begin: ofPerson(({person}) => remove(`/api/v1/users/${person.id}/sessions`)),
		status: 401,
		code: 'unauthorized',
	},
	'a person who may only look from now on': {
		begin: ofPerson(({id, person}) =>
			patch(`${organisationPath(id)}/members/${person.id}`, {role: 'viewer'}),
		),
		status: 403,
		code: 'role_required',
	},
	'a person who is removed': {
		begin: ofPerson(({id, person}) => remove(`${organisationPath(id)}/members/${person.id}`)),
		// Their session was of that organisation, and ends.
		status: 401,
		code: 'unauthorized',
	},
	'a person whose organisation leaves its plan': {
		begin: ofPerson(({id}) => patch(organisationPath(id), {plan: 'free'})),
		status: 403,
		code: 'plan_required',
	},
	'an operator who is unmade and disabled, and would take it back': {
		async begin() {
			const user = await somebody(true);
			const bearer = await near.logIn({email: user.email, password});
			return {
				line: `PATCH /api/v1/users/${user.id}`,
				bearer,
				body: {disabled: false, operator: true},
				take: () => patch(`/api/v1/users/${user.id}`, {disabled: true, operator: false}),
			};
		},
		status: 401,
		code: 'unauthorized',
	},
	'an operator who is none any more': {
		async begin() {
			const user = await somebody(true);
			const bearer = await near.logIn({email: user.email, password});
			return {
				line: 'POST /api/v1/users',
				bearer,
				body: {email: `late-${user.id}@example.com`},
				take: () => patch(`/api/v1/users/${user.id}`, {operator: false}),
			};
		},
		status: 403,
		code: 'operator_required',
	},
	'an operator, no more than an owner now, who would change the plan': {
		async begin({id, person}) {
			await patch(`/api/v1/users/${person.id}`, {operator: true});
			const bearer = await near.logIn({email: person.email, password});
			return {
				line: `PATCH ${organisationPath(id)}`,
				bearer,
				body: {plan: 'free'},
				take: () => patch(`/api/v1/users/${person.id}`, {operator: false}),
			};
		},
		status: 403,
		code: 'operator_required',
	},
	'a machine that is disabled': {
		begin: ofMachine(({account}) => patch(account, {disabled: true})),
		status: 401,
		code: 'unauthorized',
	},
	'a machine that may only look from now on': {
		begin: ofMachine(({account}) => patch(account, {role: 'viewer'})),
		status: 403,
		code: 'role_required',
	},
	'a machine whose secret is revoked': {
		begin: ofMachine(({secret}) => remove(secret)),
		status: 401,
		code: 'unauthorized',
	},
	'a person of an identity provider who is disabled here': {
		async begin({id, keys}) {
			const subject = randomUUID();
			const bearer = mint(
				{alg: 'EdDSA', kid: providerKey.kid, typ: 'at+jwt'},
				{
					iss: issuer.url,
					aud: audience,
					sub: subject,
					email: `${subject}@example.com`,
					iat: seconds(),
					exp: seconds() + 600,
				},
				providerKey,
			);
			const me = await near.call('/api/v1/auth/me', {bearer});
			const {id: userId} = me.json() as {id: string};
			await owner('memberships').insert({organisation_id: id, user_id: userId, role: 'admin'});
			return {
				line: `POST ${keys}`,
				bearer,
				body: {name: 'late'},
				take: () => patch(`/api/v1/users/${userId}`, {disabled: true}),
			};
		},
		status: 401,
		code: 'unauthorized',
	},
};

for (const [what, {begin, status, code}] of Object.entries(cases)) {
	test.serial(
		`a body that comes after the right was taken away has no effect: ${what}`,
		async (t) => {
			const place = await furnish();
			const {line, bearer, body, take} = await begin(place);
			const held = await holdBack(near, line, bearer, body);
			t.is((await take()).status, 200);
			const answer = await held.release();
			t.is(answer.status, status);
			t.deepEqual(answer.values('Latchkey-Error-Code'), [code]);
			for (const table of ['api_keys', 'sources'] as const) {
				t.deepEqual(await owner(table).where({organisation_id: place.id, name: 'late'}), []);
			}
		},
	);
}

test.serial(
	'a body that comes late, with the right still there, is done; the key counts as used once',
	async (t) => {
		const {id, keys, jwt} = await furnish();
		const made = await (await holdBack(near, `POST ${keys}`, jwt, {name: 'late'})).release();
		t.is(made.status, 201);
		const {key, id: keyId} = JSON.parse(made.body) as CreatedKey;
		const held = await holdBack(near, 'POST /api/v1/sources', key, {name: 'a', type: 't'});
		t.is((await held.release()).status, 201);
		const checks = await near.call(`${keys}/${keyId}/usage`, {bearer: admin});
		t.is(checks.status, 200);
		const worker = await appliance.startWorker();
		const counted = await eventually(async () => {
			const {text} = await near.call(`${keys}/${keyId}/usage`, {bearer: admin});
			const buckets = JSON.parse(text) as {valid: number}[];
			const sum = buckets.reduce((total, {valid}) => total + valid, 0);
			return sum > 1 && sum;
		});
		// One of them is that of `holdBack`.
		t.is(counted, 2);
		await worker.stop();
		t.is((await owner('sources').where({organisation_id: id})).length, 1);
	},
);

/** Connections that wait for this transaction, or for one that waits for it. */
async function waitingFor(lock: Knex.Transaction): Promise<number> {
	const {rows} = await lock.raw<{rows: {pid: number}[]}>('select pg_backend_pid() as pid');
	const answer = await owner.raw<{rows: {count: number}[]}>(
		`with recursive waiting as (
			select ?::integer as pid
			union
			select a.pid from waiting w, pg_stat_activity a
			where a.datname = current_database() and w.pid = any(pg_blocking_pids(a.pid))
		)
		select count(*)::integer - 1 as count from waiting`,
		[rows[0]?.pid ?? 0],
	);
	return answer.rows[0]?.count ?? 0;
}

test.serial('what a change was decided on is looked at again in its transaction', async (t) => {
	const {id, keys} = await furnish();
	const {key, id: keyId} = await makeKey(near, admin, id);
	const lock = await owner.transaction();
	await lock.raw('lock table sources in share mode');
	const writing = near.call('/api/v1/sources', {bearer: key, body: {name: 'late', type: 't'}});
	await eventually(async () => (await waitingFor(lock)) > 0, {what: 'the change to wait'});
	t.is((await remove(`${keys}/${keyId}`)).status, 200);
	await lock.rollback();
	// A busy machine may let the statement run out of its time.
	t.true([401, 503].includes((await writing).status));
	t.deepEqual(await owner('sources').where({organisation_id: id}), []);
});

test.serial(
	'whoever takes a right away waits for the change that is being made with it',
	async (t) => {
		for (let attempt = 1; attempt <= 10; attempt++) {
			const {id, keys, person, jwt} = await furnish();
			const lock = await owner.transaction();
			// Past the second look: the entry of the audit trail is the last that is written.
			await lock('audit_heads').where({chain: id}).forUpdate().first();
			const writing = near.call(keys, {bearer: jwt, body: {name: 'in time'}});
			await eventually(async () => (await waitingFor(lock)) > 0, {what: 'the change to wait'});
			let isAnswered = false;
			const disabling = patch(`/api/v1/users/${person.id}`, {disabled: true}).finally(() => {
				isAnswered = true;
			});
			await eventually(async () => isAnswered || (await waitingFor(lock)) > 1);
			const wasEarly = isAnswered;
			await lock.rollback();
			const [written, disabled] = await Promise.all([writing, disabling]);
			// A busy machine may let the statements run out of their time: then it is tried again.
			if (written.status === 503 || disabled.status === 503) continue;
			t.false(wasEarly);
			t.deepEqual([written.status, disabled.status], [201, 200]);
			return;
		}
		t.fail('the machine is too busy');
	},
);

test.serial('renaming an organisation holds up no other change by the same person', async (t) => {
	const place = await furnish();
	const {account, bearer} = await machine(place, 'admin');
	const lock = await owner.transaction();
	// As who changes a machine does: first the machine, then the organisation of their own right.
	const id = account.split('/').at(-1) ?? '';
	await lock('service_accounts').where({id}).forUpdate().first('id');
	const path = organisationPath(place.id);
	const naming = near.call(path, {method: 'PATCH', bearer, body: {name: 'another'}});
	await eventually(async () => (await waitingFor(lock)) > 0, {what: 'the change to wait'});
	await t.notThrowsAsync(
		lock.raw('select id from organisations where id = ? for key share nowait', [place.id]),
	);
	await lock.rollback();
	// A busy machine may let the statement run out of its time.
	t.true([200, 503].includes((await naming).status));
});

test.serial(
	'who changes an endpoint waits for a change of plan without holding it up',
	async (t) => {
		const {id, jwt} = await furnish();
		const endpoints = `${organisationPath(id)}/webhooks`;
		const made = await near.call(endpoints, {
			bearer: jwt,
			body: {url: 'https://hooks.example.com/'},
		});
		const endpoint = made.json() as {id: string};
		const path = `${endpoints}/${endpoint.id}`;
		for (const [method, way, body] of [
			['PATCH', path, {description: 'another'}],
			['POST', `${path}/rotate-secret`, {}],
			['DELETE', path, undefined],
		] as const) {
			const lock = await owner.transaction();
			// As a change of plan: first the organisation, then the endpoints that are told of it.
			await lock('organisations').where({id}).forUpdate().first('id');
			const changing = near.call(way, {method, bearer: jwt, ...(body && {body})});
			await eventually(async () => (await waitingFor(lock)) > 0, {what: 'the change to wait'});
			await t.notThrowsAsync(
				lock.raw('select id from webhook_endpoints where id = ? for key share nowait', [
					endpoint.id,
				]),
			);
			await lock.rollback();
			// A busy machine may let the statement run out of its time.
			t.true([200, 503].includes((await changing).status));
		}
	},
);
