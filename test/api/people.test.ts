import {randomUUID} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import {connectDatabase} from '../../core/db/connect.ts';
import {insertMembership} from '../../core/people/store.ts';
import {
	me as meSchema,
	setupResult,
	tokens as tokensSchema,
	type Tokens,
} from '../../contract/people.ts';
import {
	administrator,
	createAppliance,
	defaultOrganisation,
	makeMember,
	makeOrganisation,
	makeUser,
} from '../helpers/appliance.ts';
import {openServer} from '../helpers/opening.ts';

const {appliance, server} = await openServer();

test.after.always(() => appliance.stop());

async function open(): Promise<Tokens> {
	const answer = await server.call('/api/v1/auth/login', {body: administrator});
	return tokensSchema.parse(answer.json());
}

function refresh(token: string) {
	return server.call('/api/v1/auth/refresh', {body: {refresh_token: token}});
}

function me(token: string, organisationId?: string) {
	const named = organisationId === undefined ? {} : {'Latchkey-Organization': organisationId};
	return server.call('/api/v1/auth/me', {bearer: token, headers: named});
}

test('login answers tokens in the documented order, and me tells who and where', async (t) => {
	const answer = await server.call('/api/v1/auth/login', {body: administrator});
	t.is(answer.status, 200);
	t.deepEqual(Object.keys(answer.json() as object), [
		'access_token',
		'token_type',
		'expires_in',
		'refresh_token',
	]);
	const opened = tokensSchema.parse(answer.json());
	t.is(opened.expires_in, 600);
	const who = meSchema.parse((await me(opened.access_token)).json());
	t.like(who, {email: administrator.email, operator: true, role: 'owner'});
	t.like(who.organization, {name: 'default', plan: 'team'});
});

test('an email is found in any case', async (t) => {
	const answer = await server.call('/api/v1/auth/login', {
		body: {...administrator, email: administrator.email.toUpperCase()},
	});
	t.is(answer.status, 200);
});

test('S-53: unknown user, wrong password, locked and disabled account get the same bytes', async (t) => {
	const wrong = await server.call('/api/v1/auth/login', {
		body: {...administrator, password: 'not the password'},
	});
	const unknown = await server.call('/api/v1/auth/login', {
		body: {...administrator, email: 'nobody@example.com'},
	});
	const jwt = (await open()).access_token;
	const people = await makeOrganisation(server, jwt, 'free');
	const [locked, disabled] = [
		await makeMember(appliance.database, people.id, 'viewer'),
		await makeMember(appliance.database, people.id, 'admin'),
	];
	const db = connectDatabase(appliance.database, 'test');
	t.teardown(() => db.destroy());
	const until = db.raw("now() + interval '1 hour'");
	await db('users').where({email: locked.email}).update({login_blocked_until: until});
	await db('users')
		.where({email: disabled.email})
		.update({disabled_at: db.raw('now()')});
	const headersOf = ({rawHeaders}: {rawHeaders: string[]}) =>
		rawHeaders.filter((_, i) => !/^(date|request-id)$/i.test(rawHeaders[i - (i % 2)] ?? ''));
	for (const answer of [
		wrong,
		unknown,
		await server.call('/api/v1/auth/login', {body: locked}),
		await server.call('/api/v1/auth/login', {body: disabled}),
	]) {
		t.is(answer.status, 401);
		t.is(answer.text, '{"error":"Invalid email or password"}');
		t.deepEqual(headersOf(answer), headersOf(wrong));
	}
});

test('login names the field that is missing', async (t) => {
	for (const [body, error] of [
		[{}, 'email is required'],
		[{email: 'a@b'}, 'password is required'],
		[{email: 1, password: 'x'}, 'email is required'],
		[{...administrator, remember: true}, 'Unknown member: remember'],
	] as const) {
		const answer = await server.call('/api/v1/auth/login', {body});
		t.is(answer.status, 400);
		t.is(answer.text, JSON.stringify({error}));
	}
});

test('login chooses an organisation of the user, and no other', async (t) => {
	const jwt = (await open()).access_token;
	const first = await makeOrganisation(server, jwt, 'team');
	const other = await makeOrganisation(server, jwt, 'team');
	const member = await makeMember(appliance.database, first.id, 'owner');
	const chosen = await me(await server.logIn({...member, organization_id: first.id}));
	t.like(meSchema.parse(chosen.json()), {operator: false, role: 'owner', organization: first});
	for (const organization_id of [other.id, 'nonsense']) {
		const answer = await server.call('/api/v1/auth/login', {body: {...member, organization_id}});
		t.is(answer.status, 404);
		t.is(answer.text, '{"error":"Organization not found"}');
	}
});

test('me is about the organisation that a request names, if the caller may see it', async (t) => {
	const jwt = (await open()).access_token;
	const [first, second, foreign] = [
		await makeOrganisation(server, jwt, 'team'),
		await makeOrganisation(server, jwt, 'free'),
		await makeOrganisation(server, jwt, 'pro'),
	];
	const member = await makeMember(appliance.database, first.id, 'viewer');
	const token = await server.logIn(member);
	const {id: userId} = meSchema.parse((await me(token)).json());
	const db = connectDatabase(appliance.database, 'test');
	t.teardown(() => db.destroy());
	await insertMembership(db, {organisationId: second.id, userId, role: 'admin'});

	const whoIn = async (bearer: string, id: string) => meSchema.parse((await me(bearer, id)).json());
	t.like(await whoIn(token, second.id), {id: userId, role: 'admin', organization: second});
	t.like(await whoIn(token, second.id.toUpperCase()), {role: 'admin', organization: second});
	t.like(await whoIn(token, first.id), {role: 'viewer', organization: first});
	t.like(meSchema.parse((await me(token)).json()), {role: 'viewer', organization: first});
	for (const id of [foreign.id, randomUUID(), 'nonsense']) {
		const refused = await me(token, id);
		t.is(refused.status, 404, id);
		t.is(refused.text, '{"error":"Organization not found"}');
		t.is(refused.headers['latchkey-error-code'], 'organization_not_found');
	}

	const {email, password} = await makeUser(server, jwt, {email: 'op@example.com', operator: true});
	const operator = await server.logIn({email, password});
	t.like(await whoIn(operator, second.id), {operator: true, role: null, organization: second});
	t.like(await whoIn(jwt, second.id), {operator: true, role: 'owner', organization: second});
	t.is((await me(operator, randomUUID())).status, 404);
});

test('after five wrong passwords even the right one is refused for a while, with the same answer', async (t) => {
	const jwt = (await open()).access_token;
	const organisation = await makeOrganisation(server, jwt, 'free');
	const member = await makeMember(appliance.database, organisation.id, 'developer');
	const db = connectDatabase(appliance.database, 'test');
	t.teardown(() => db.destroy());
	const blockedUntil = async () =>
		(await db('users').where({email: member.email}).first())?.login_blocked_until;

	for (let i = 0; i < 5; i++) {
		t.is(await blockedUntil(), null);
		await server.call('/api/v1/auth/login', {body: {...member, password: 'wrong password'}});
	}
	t.truthy(await blockedUntil());
	// The first block lasts a second: made to outlast this test on a slow machine.
	await db('users')
		.where({email: member.email})
		.update({
			login_blocked_until: db.raw("now() + interval '1 minute'"),
		});
	const refused = await server.call('/api/v1/auth/login', {body: member});
	t.is(refused.status, 401);
	t.is(refused.text, '{"error":"Invalid email or password"}');

	await db('users')
		.where({email: member.email})
		.update({login_blocked_until: db.raw('now()')});
	t.is((await server.call('/api/v1/auth/login', {body: member})).status, 200);
	t.is(await blockedUntil(), null);
});

test.serial(
	'a refresh token is exchanged; a repeated or parallel exchange gives the same successor',
	async (t) => {
		const opened = await open();
		const answers = await Promise.all(
			Array.from({length: 10}, () => refresh(opened.refresh_token)),
		);
		const successors = new Set(
			answers.map((answer) => tokensSchema.parse(answer.json()).refresh_token),
		);
		t.is(successors.size, 1);
		t.false(successors.has(opened.refresh_token));
		const [successor = ''] = successors;
		const next = tokensSchema.parse((await refresh(successor)).json());
		t.is((await me(next.access_token)).status, 200);
	},
);

test('what is not a refresh token of ours is refused', async (t) => {
	const opened = await open();
	for (const token of [
		'',
		'nonsense',
		`${opened.refresh_token}x`,
		opened.access_token.slice(0, 500),
	]) {
		const answer = await refresh(token);
		t.is(answer.status, 401);
		t.is(answer.text, '{"error":"Invalid or missing API key"}');
		t.is(answer.headers['www-authenticate'], 'Bearer realm="latchkey", error="invalid_token"');
	}
});

test('logout ends the session: access and refresh token stop at once', async (t) => {
	const opened = await open();
	const other = await open();
	const answer = await server.call('/api/v1/auth/logout', {
		method: 'POST',
		bearer: opened.access_token,
	});
	t.is(answer.status, 200);
	t.is(answer.text, '{"message":"Logged out successfully"}');
	t.is((await me(opened.access_token)).status, 401);
	t.is((await refresh(opened.refresh_token)).status, 401);
	t.is((await me(other.access_token)).status, 200);
});

test('S-56: no default account; setup once, with the token, makes an operator and the default organisation', async (t) => {
	const fresh = await createAppliance();
	t.teardown(() => fresh.stop());
	const unset = await fresh.startServer({
		LATCHKEY_BOOTSTRAP_ADMIN_EMAIL: '',
		LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD: '',
	});
	const token = (await readFile(path.join(fresh.secretsDirectory, 'setup_token'), 'utf8')).trim();
	t.is((await unset.call('/api/v1/setup')).text, '{"required":true}');
	for (const email of ['admin@example.com', 'admin@localhost', 'root@localhost']) {
		const body = {email, password: 'admin'};
		t.is((await unset.call('/api/v1/auth/login', {body})).status, 401);
	}

	const withoutToken = await unset.call('/api/v1/setup', {body: administrator});
	t.is(withoutToken.status, 403);
	const short = await unset.call('/api/v1/setup', {
		body: {...administrator, password: 'too short'},
		headers: {'Latchkey-Setup-Token': token},
	});
	t.is(short.text, '{"error":"password must be at least 15 characters"}');
	const common = await unset.call('/api/v1/setup', {
		body: {...administrator, password: 'Password-Password'},
		headers: {'Latchkey-Setup-Token': token},
	});
	t.is(common.status, 400);
	t.regex(common.text, /^\{"error":"password must not be a common password/);
	t.is((await unset.call('/api/v1/setup')).text, '{"required":true}');

	const parallel = await Promise.all(
		[1, 2].map((n) =>
			unset.call('/api/v1/setup', {
				body: {...administrator, email: `admin${n}@example.com`},
				headers: {'Latchkey-Setup-Token': token},
			}),
		),
	);
	t.deepEqual(
		parallel.map(({status}) => status).toSorted((a, b) => a - b),
		[201, 404],
	);
	const made = setupResult.parse(parallel.find(({status}) => status === 201)?.json());
	t.like(made.organization, {name: 'default', plan: 'team'});
	t.is((await unset.call('/api/v1/setup')).text, '{"required":false}');
	const jwt = await unset.logIn({email: made.email, password: administrator.password});
	t.is((await defaultOrganisation(unset, jwt)).id, made.organization.id);
	const again = await unset.call('/api/v1/setup', {
		body: administrator,
		headers: {'Latchkey-Setup-Token': token},
	});
	t.is(again.status, 404);
	t.is(again.text, '{"error":"Setup is already complete"}');
});

test('S-55: a bootstrap password that will not do ends the start, and names the variable', async (t) => {
	const fresh = await createAppliance();
	t.teardown(() => fresh.stop());
	await t.throwsAsync(fresh.startServer({LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD: 'passwordpassword'}), {
		message: /LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD: must not be a common password/,
	});
	t.is(await fresh.programs()[0]?.exited, 78);
});

test('setup: a wrong token can be tried only a few times', async (t) => {
	const fresh = await createAppliance();
	t.teardown(() => fresh.stop());
	const unset = await fresh.startServer({
		LATCHKEY_BOOTSTRAP_ADMIN_EMAIL: '',
		LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD: '',
	});
	const statuses: number[] = [];
	for (let i = 0; i < 7; i++) {
		const answer = await unset.call('/api/v1/setup', {
			body: administrator,
			headers: {'Latchkey-Setup-Token': 'lkst_wrong'},
		});
		statuses.push(answer.status);
	}
	t.deepEqual(statuses, [403, 403, 403, 403, 403, 429, 429]);
});
