import {writeFile} from 'node:fs/promises';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import path from 'node:path';
import test from 'ava';
import type {Knex} from 'knex';
import type {DeviceLogin} from '../../contract/providers.ts';
import {tokens as tokensSchema, type Tokens} from '../../contract/people.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {pruneDeviceLogins} from '../../core/people/federation/device-logins.ts';
import {
	createAppliance,
	defaultOrganisation,
	type Appliance,
	type Server,
} from '../helpers/appliance.ts';
import {
	apiAudience,
	consoleClient,
	startIdentityProvider,
	type RealProvider,
} from '../helpers/identity-provider.ts';
import {edKey, mint, rsaKey, seconds, type Json} from '../helpers/issuer.ts';
import {eventually} from '../helpers/program.ts';

let appliance: Appliance;
let server: Server;
let replica: Server;
let db: Knex;
let real: RealProvider;
let frugal: RealProvider;
let organisationId: string;

/** A provider whose every answer a test can choose. */
const stubKey = rsaKey('stub');
let stubIssuer: string;
let stubStart: Json;
let stubToken: {status: number; body: unknown};
let stubNonce: string | null;
let stubPolls = 0;
const stub = createServer((request, response) => {
	const chunks: Buffer[] = [];
	request.on('data', (chunk: Buffer) => chunks.push(chunk));
	request.once('end', () => {
		const form = new URLSearchParams(Buffer.concat(chunks).toString());
		const send = (status: number, body: unknown) => {
			response.writeHead(status, {'Content-Type': 'application/json'});
			response.end(JSON.stringify(body));
		};
		switch (request.url) {
			case '/.well-known/openid-configuration':
				return send(200, {
					issuer: stubIssuer,
					device_authorization_endpoint: `${stubIssuer}/device`,
					token_endpoint: `${stubIssuer}/token`,
					jwks_uri: `${stubIssuer}/jwks`,
				});
			case '/jwks':
				return send(200, {keys: [stubKey.jwk]});
			case '/device':
				stubNonce = form.get('nonce');
				return send(200, stubStart);
			case undefined:
			default:
				stubPolls++;
				return send(stubToken.status, stubToken.body);
		}
	});
});

test.before(async () => {
	await new Promise<void>((resolve) => stub.listen(0, '127.0.0.1', resolve));
	stubIssuer = `http://127.0.0.1:${(stub.address() as AddressInfo).port}`;
	real = await startIdentityProvider({key: rsaKey('real'), claimsInIdToken: true});
	frugal = await startIdentityProvider({key: edKey('frugal'), claimsInIdToken: false});
	appliance = await createAppliance();
	const secretFile = path.join(appliance.secretsDirectory, 'client_secret');
	await writeFile(secretFile, `${consoleClient.secret}\n`);
	const first = await appliance.startServer();
	organisationId = (await defaultOrganisation(first, await first.logIn())).id;
	await first.stop();
	const common = {audience: apiAudience, allow_insecure_http: true};
	const device = {client_id: consoleClient.id, client_secret_file: secretFile};
	const providers = [
		{
			...common,
			name: 'real',
			issuer: real.issuer,
			algorithms: ['RS256'],
			device: {...device, session_seconds: 3600},
			claims: {
				organization: {claim: 'groups', map: {payments: {id: organisationId, role: 'developer'}}},
				operator: {claim: 'groups', values: ['operators']},
			},
		},
		{...common, name: 'frugal', issuer: frugal.issuer, algorithms: ['EdDSA'], device},
		{
			...common,
			name: 'stub',
			issuer: stubIssuer,
			algorithms: ['RS256'],
			device: {client_id: consoleClient.id},
		},
		{...common, name: 'tokens-only', issuer: 'http://127.0.0.1:9', algorithms: ['RS256']},
	];
	const env = {LATCHKEY_IDENTITY_PROVIDERS: JSON.stringify(providers)};
	server = await appliance.startServer(env);
	replica = await appliance.startServer(env);
	db = connectDatabase(appliance.database, 'test');
});

test.after.always(async () => {
	await db?.destroy();
	await appliance?.stop();
	await Promise.all([real?.stop(), frugal?.stop()]);
	stub.close();
});

const attempt = (provider: string, at: Server = server) =>
	at.call('/api/v1/auth/device', {body: {provider}});

/** Each server takes ten of these in a minute from one address. */
async function start(provider: string, at: Server = server): Promise<DeviceLogin> {
	const answer = await attempt(provider, at);
	if (answer.status !== 200) throw new Error(`start: ${answer.status} ${answer.text}`);
	return answer.json() as DeviceLogin;
}

/** Polls as a client that has waited long enough. */
async function poll(login: DeviceLogin, at: Server = server) {
	await db('device_logins').update({next_poll_at: db.raw('now()')});
	return ask(login, at);
}

async function ask(login: DeviceLogin, at: Server = server) {
	const answer = await at.call('/api/v1/auth/device/token', {
		body: {device_code: login.device_code},
	});
	return {...answer, code: answer.headers['latchkey-error-code']};
}

const me = (opened: Tokens, at: Server = server) =>
	at.call('/api/v1/auth/me', {bearer: opened.access_token});

test.serial('the providers that people can log in through are listed', async (t) => {
	const answer = await server.call('/api/v1/auth/providers');
	t.is(answer.status, 200);
	t.is(answer.text, '[{"name":"real"},{"name":"frugal"},{"name":"stub"}]');
	for (const provider of ['nobody', 'tokens-only', '__proto__']) {
		const refused = await attempt(provider);
		t.is(refused.status, 404);
		t.is(refused.text, '{"error":"Identity provider not found"}');
	}
	t.is(
		(await server.call('/api/v1/auth/device', {body: {}})).text,
		'{"error":"provider is required"}',
	);
});

test.serial(
	'a login through a real provider: started, approved in its pages, and finished on another server',
	async (t) => {
		real.people.set('dora', {groups: ['payments']});
		const login = await start('real');
		t.regex(login.device_code, /^lkdc_[\w-]{43}$/);
		t.is(login.interval, 5);
		t.true(login.verification_uri.startsWith(real.issuer));

		const pending = await ask(login);
		t.is(pending.status, 400);
		t.is(pending.text, '{"error":"The login is not approved yet"}');
		t.is(pending.code, 'authorization_pending');
		const soon = await ask(login, replica);
		t.is(soon.status, 400);
		t.is(soon.code, 'slow_down', 'the interval holds over all servers');

		await real.visit(login.verification_uri_complete ?? '', 'dora');
		const answer = await poll(login, replica);
		t.is(answer.status, 200);
		const opened = tokensSchema.parse(answer.json());
		t.like((await me(opened)).json(), {
			email: 'dora@example.com',
			operator: false,
			role: 'developer',
			organization: {id: organisationId},
		});

		const again = await poll(login);
		t.is(again.status, 400);
		t.is(again.code, 'expired_token', 'one login, one session');

		const entries = await db('audit_entries').where({action: 'session.opened'}).pluck('content');
		const entry = entries.map((each) => JSON.parse(each) as Json).at(-1);
		t.like(entry, {actor: {name: 'dora@example.com'}, details: {provider: 'real'}});
	},
);

test.serial(
	'rights hold for the session, also when its tokens are renewed, and as long as it may last',
	async (t) => {
		real.people.set('emil', {groups: ['payments']});
		const login = await start('real');
		await real.visit(login.verification_uri_complete ?? '', 'emil');
		const opened = tokensSchema.parse((await poll(login)).json());
		const row = await db('sessions')
			.orderBy('created_at', 'desc')
			.select(db.raw('extract(epoch from expires_at - created_at)::int as lasts'))
			.first<{lasts: number}>();
		t.true(Math.abs(row.lasts - 3600) <= 1);
		const renewed = await server.call('/api/v1/auth/refresh', {
			body: {refresh_token: opened.refresh_token},
		});
		const next = tokensSchema.parse(renewed.json());
		t.like((await me(next)).json(), {role: 'developer'});
		const keys = `/api/v1/organizations/${organisationId}/api-keys`;
		const made = await server.call(keys, {bearer: next.access_token, body: {name: 'of Emil'}});
		t.is(made.status, 201);

		await db('users').where({email: 'emil@example.com'}).update({disabled_at: new Date()});
		t.is((await me(next)).status, 401, 'disabled here, out at once');
		const anew = await start('real');
		await real.visit(anew.verification_uri_complete ?? '', 'emil');
		t.is((await poll(anew)).code, 'access_denied');
	},
);

test.serial(
	'claims that are not in the ID token are read from the userinfo endpoint',
	async (t) => {
		const login = await start('frugal');
		await frugal.visit(login.verification_uri_complete ?? '', 'fred');
		const opened = tokensSchema.parse((await poll(login)).json());
		t.like((await me(opened)).json(), {email: 'fred@example.com', role: null});
	},
);

test.serial('a person who is denied, by themselves or by us, does not come in', async (t) => {
	const aborted = await start('real');
	await real.visit(aborted.verification_uri_complete ?? '', 'gina', 'abort');
	const denied = await poll(aborted);
	t.is(denied.status, 400);
	t.is(denied.text, '{"error":"The login was denied"}');
	t.is(denied.code, 'access_denied');
	t.is((await poll(aborted)).code, 'expired_token');

	real.people.set('impostor', {email: 'admin@example.com'});
	const login = await start('real');
	await real.visit(login.verification_uri_complete ?? '', 'impostor');
	t.is((await poll(login)).code, 'access_denied');
	const entries = await db('audit_entries').where({action: 'identity.refused'}).pluck('content');
	const reasons = entries.map((each) => (JSON.parse(each) as {details: Json}).details['reason']);
	t.true(reasons.includes('denied'));
	t.true(reasons.includes('email taken'));
	const line = await eventually(() =>
		server
			.output()
			.split('\n')
			.find((each) => each.includes('has this email already')),
	);
	t.like(JSON.parse(line), {provider: 'real', subject: 'impostor'});
});

test.serial('of many that ask at once after the approval, one gets the session', async (t) => {
	const login = await start('real');
	await real.visit(login.verification_uri_complete ?? '', 'hugo');
	const before = await db('sessions').count({count: '*'}).first();
	await db('device_logins').update({next_poll_at: db.raw('now()')});
	const answers = await Promise.all(
		Array.from({length: 6}, (_, index) => ask(login, index % 2 === 0 ? server : replica)),
	);
	t.is(answers.filter(({status}) => status === 200).length, 1);
	const after = await db('sessions').count({count: '*'}).first();
	t.is(Number(after?.['count']) - Number(before?.['count']), 1);
});

const begun = {
	device_code: 'canary-device-code',
	user_code: 'ABCD-EFGH',
	verification_uri: 'https://id.example/device',
	expires_in: 600,
};
const idToken = (claims: Json = {}, key = stubKey, header: Json = {}) =>
	mint(
		{alg: 'RS256', kid: 'stub', ...header},
		{
			iss: stubIssuer,
			aud: consoleClient.id,
			sub: 'stubborn',
			email: 'stubborn@example.com',
			iat: seconds(),
			exp: seconds() + 300,
			...claims,
		},
		key,
	);
const granting = (token: string | undefined) => {
	stubToken = {
		status: 200,
		body: {access_token: 'canary-access-token', token_type: 'Bearer', id_token: token},
	};
};

test.serial(
	'the provider’s code is sealed, and neither it nor ours can be read from the database',
	async (t) => {
		stubStart = {...begun, interval: 7, expires_in: 1e9};
		const login = await start('stub');
		t.is(login.interval, 7);
		t.is(login.expires_in, 1800);
		const row = await db('device_logins').orderBy('created_at', 'desc').first();
		t.false(row?.device_code.includes('canary'));
		t.false(JSON.stringify(row).includes(login.device_code));
	},
);

test.serial('a provider that wants to be asked less often is', async (t) => {
	stubStart = begun;
	const login = await start('stub');
	stubToken = {status: 400, body: {error: 'slow_down'}};
	t.is((await poll(login)).code, 'slow_down');
	const row = await db('device_logins').orderBy('created_at', 'desc').first();
	t.is(row?.interval_seconds, 10);
	const polls = stubPolls;
	t.is((await ask(login)).code, 'slow_down');
	t.is(stubPolls, polls, 'and is not bothered meanwhile');
});

test.serial('a login goes on after the provider was away, and ends when it says so', async (t) => {
	stubStart = begun;
	const login = await start('stub');
	for (const broken of [
		{status: 500, body: 'canary-body'},
		{status: 200, body: ['canary-body']},
		{status: 400, body: {error: 'canary-body'}},
		{status: 401, body: {error: 'invalid_client', error_description: 'canary-body'}},
	]) {
		stubToken = broken;
		const answer = await poll(login);
		t.is(answer.status, 503);
		t.is(answer.text, '{"error":"The identity provider could not be reached"}');
	}
	stubToken = {status: 400, body: {error: 'authorization_pending'}};
	t.is((await poll(login)).code, 'authorization_pending');
	stubToken = {status: 400, body: {error: 'expired_token'}};
	t.is((await poll(login)).code, 'expired_token');
	t.is(
		await db('device_logins')
			.where({provider: 'stub'})
			.where('expires_at', '<', new Date())
			.delete(),
		0,
	);
});

test.serial('S-40 to S-48: an ID token that is not good opens nothing', async (t) => {
	const {privateKey} = rsaKey('stub');
	const bad: Record<string, () => string | undefined> = {
		'no ID token': () => undefined,
		'of another issuer': () => idToken({iss: `${stubIssuer}/`}),
		'for another client': () => idToken({aud: 'another'}),
		'for another client, too': () => idToken({aud: [consoleClient.id, 'another']}),
		'for another party': () => idToken({azp: 'another'}),
		'of another login': () => idToken({nonce: 'another'}),
		'signed by another': () => idToken({}, {...stubKey, privateKey}),
		'past its end': () => idToken({exp: seconds() - 60}),
		'for years': () => idToken({exp: seconds() + 1e8}),
		'without subject': () => idToken({sub: ''}),
		unsigned: () => `${idToken({}, stubKey, {alg: 'none'}).replace(/[^.]*$/, '')}`,
		'an access token': () => idToken({}, stubKey, {typ: 'at+jwt'}),
		'with a key of its own': () => idToken({}, stubKey, {jwk: stubKey.jwk}),
	};
	const users = await db('users').count({count: '*'}).first();
	stubStart = begun;
	const login = await start('stub', replica);
	for (const [what, make] of Object.entries(bad)) {
		granting(make());
		const answer = await poll(login);
		t.is(answer.status, 503, what);
	}
	t.deepEqual(await db('users').count({count: '*'}).first(), users);
	granting(idToken({nonce: stubNonce, azp: consoleClient.id}));
	t.is((await poll(login)).status, 200, 'each of them had one fault');
});

test.serial('what the provider sends to be shown must be fit to be shown', async (t) => {
	for (const unfit of [
		{verification_uri: 'javascript:alert(1)'},
		{verification_uri: 'https://id.example/\u001B[2J'},
		{verification_uri_complete: 'file:///etc/passwd'},
		{user_code: 'AB\u001B[31m'},
		{user_code: ''},
		{expires_in: -1},
		{device_code: undefined},
	]) {
		stubStart = {...begun, ...unfit};
		await db('device_logins').delete();
		const answer = await attempt('stub', replica);
		t.is(answer.status, 503, JSON.stringify(unfit));
		t.deepEqual(await db('device_logins').pluck('id'), []);
	}
});

test.serial('what ran out is refused, and deleted by the worker', async (t) => {
	stubStart = begun;
	const answer = await attempt('stub', replica);
	const login = answer.json() as DeviceLogin;
	t.is(await pruneDeviceLogins(db), 0);
	await db('device_logins').update({expires_at: db.raw('now()')} as never);
	t.is((await poll(login)).code, 'expired_token');
	t.is(await pruneDeviceLogins(db), 1);
	const unknown = {...login, device_code: 'lkdc_x'};
	t.is((await ask(unknown)).code, 'expired_token');
});

test.serial(
	'logins cannot be started without end from one address, and no word of a provider is logged',
	async (t) => {
		let limited = false;
		for (let i = 0; i <= 60 && !limited; i++) limited = (await attempt('stub')).status === 429;
		t.true(limited);
		await eventually(() => server.output().includes('could not go on'));
		t.false((server.output() + replica.output()).includes('canary'));
	},
);
