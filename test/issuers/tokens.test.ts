import {createHmac, createPublicKey, generateKeyPairSync} from 'node:crypto';
import {mkdtemp, writeFile} from 'node:fs/promises';
import {createServer} from 'node:http';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import type {Knex} from 'knex';
import {issuedCode, tokens as tokensSchema} from '../../contract/people.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {
	administrator,
	createAppliance,
	defaultOrganisation,
	makeMember,
	type Appliance,
	type Server,
} from '../helpers/appliance.ts';
import {
	edKey,
	mint,
	rsaKey,
	seconds,
	startStubIssuer,
	type IssuerKey,
	type Json,
	type StubIssuer,
} from '../helpers/issuer.ts';
import {eventually, freePort} from '../helpers/program.ts';
import {golden, requestText, wireOne} from '../http/wire.ts';

const audience = 'https://keys.example/api';
const clientId = 'latchkey-console';

let appliance: Appliance;
let server: Server;
let db: Knex;
let stub: StubIssuer;
let key: IssuerKey;
let other: IssuerKey;
let issuer: string;
let plainIssuer: string;
let secretIssuer: string;
let linkingIssuer: string;
const sharedSecret = 'k7Qd0vXw2mRz9sTb4uYc6eFg8hJi1aLo';

test.before(async () => {
	key = rsaKey('first');
	other = rsaKey('second');
	stub = await startStubIssuer(key.jwk, other.jwk);
	issuer = stub.url;
	plainIssuer = `${stub.url}/plain`;
	secretIssuer = `${stub.url}/secret`;
	linkingIssuer = `${stub.url}/linking`;
	const common = {audience, allow_insecure_http: true};
	const secretFile = path.join(await mkdtemp(path.join(tmpdir(), 'secret-')), 'secret');
	await writeFile(secretFile, `${sharedSecret}\n`);
	appliance = await createAppliance();
	server = await appliance.startServer({
		LATCHKEY_IDENTITY_PROVIDERS: JSON.stringify([
			{...common, name: 'main', issuer, algorithms: ['RS256'], jwks_uri: `${stub.url}/jwks`},
			{
				...common,
				name: 'plain',
				issuer: plainIssuer,
				algorithms: ['RS256'],
				jwks: {keys: [key.jwk]},
				access_token_type: 'JWT',
				device: {client_id: clientId},
			},
			{
				...common,
				name: 'secret',
				issuer: secretIssuer,
				algorithms: ['HS256'],
				secret_file: secretFile,
			},
			{
				...common,
				name: 'linking',
				issuer: linkingIssuer,
				algorithms: ['RS256'],
				jwks: {keys: [key.jwk]},
				link_by_email: true,
			},
		]),
	});
	db = connectDatabase(appliance.database, 'test');
});

test.after.always(async () => {
	await db?.destroy();
	await appliance?.stop();
	await stub?.close();
});

const header = () => ({alg: 'RS256', typ: 'at+jwt', kid: 'first'});
const payload = (more: Json = {}): Json => ({
	iss: issuer,
	aud: audience,
	sub: 'person-1',
	email: 'person-1@example.com',
	iat: seconds(),
	exp: seconds() + 300,
	...more,
});
const withHeader = (changes: Json) => mint({...header(), ...changes}, payload(), key);
const withClaims = (changes: Json) => mint(header(), payload(changes), key);
const withoutClaim = (name: string) => {
	const {[name]: _, ...rest} = payload();
	return mint(header(), rest, key);
};
const withRawClaim = (name: string, raw: string) =>
	mint(header(), JSON.stringify(payload({[name]: 'RAW'})).replace('"RAW"', raw), key);

const me = (token: string) =>
	wireOne(server, requestText('GET /api/v1/auth/me', [`Authorization: Bearer ${token}`]));

/** Every token of a set is refused, with the very bytes that any bad credential gets. */
const refuses = test.macro(async (t, make: () => Record<string, string>) => {
	const refused = golden(await me('no.such.token'));
	t.regex(refused, /^HTTP\/1\.1 401 Unauthorized\n/);
	t.regex(refused, /\n\n\{"error":"Invalid or missing API key"\}$/);
	for (const [what, token] of Object.entries(make())) {
		t.is(golden(await me(token)), refused, what);
	}
});

test('a good token is accepted, so that each case has one fault', async (t) => {
	const good = [
		mint(header(), payload(), key),
		mint({...header(), kid: 'second'}, payload(), other),
		withClaims({aud: ['https://other.example', audience]}),
		withClaims({nbf: seconds() + 10, iat: seconds() + 10}),
		withClaims({exp: seconds() - 20}),
		withHeader({typ: 'application/at+jwt', x5t: 'thumbprint'}),
	];
	for (const token of good) t.is((await me(token)).status, 200);
	const answer = await server.call('/api/v1/auth/me', {bearer: good[0] ?? ''});
	t.like(answer.json(), {email: 'person-1@example.com', operator: false, role: null});
});

test('S-40: size, parts and spelling of a provider’s token', refuses, () => {
	const genuine = mint(header(), payload(), key);
	const [head = '', body = '', signature = ''] = genuine.split('.');
	return {
		'over 8 KiB': withClaims({filler: 'a'.repeat(9000)}),
		'two parts': `${head}.${body}`,
		'no signature': `${head}.${body}.`,
		'four parts': `${genuine}.${signature}`,
		'five parts (JWE)': `${head}.a.${body}.c.d`,
		padded: `${genuine}==`,
		'a line break within': `${head}.${body}.${signature.slice(0, 10)}%0A${signature.slice(10)}`,
		'payload of another': `${head}.${Buffer.from(JSON.stringify(payload({sub: 'x'}))).toString('base64url')}.${signature}`,
		'payload is an array': mint(header(), '[]', key),
		'issuer twice': mint(
			header(),
			JSON.stringify(payload()).replace('{', '{"iss":"https://other.example",'),
			key,
		),
	};
});

test('S-41: algorithms other than the issuer’s own', refuses, () => {
	const unsigned = (alg: string) =>
		`${Buffer.from(JSON.stringify({...header(), alg})).toString('base64url')}.${Buffer.from(JSON.stringify(payload())).toString('base64url')}.`;
	const hmac = (secret: string | Buffer) => {
		const text = unsigned('HS256').slice(0, -1);
		return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
	};
	const publicKey = createPublicKey(key.privateKey);
	const elliptic = generateKeyPairSync('ec', {namedCurve: 'P-256'});
	return {
		none: `${unsigned('none')}AAAA`,
		NoNe: `${unsigned('NoNe')}AAAA`,
		'empty algorithm': `${unsigned('')}AAAA`,
		'HS256 with the public PEM': hmac(publicKey.export({type: 'spki', format: 'pem'})),
		'HS256 with the public DER': hmac(publicKey.export({type: 'spki', format: 'der'})),
		'HS256 with the public JWK': hmac(JSON.stringify(key.jwk)),
		'PS256 for RS256': withHeader({alg: 'PS256'}),
		'RS512 for RS256': withHeader({alg: 'RS512'}),
		'ES256 with a key of its own': mint({...header(), alg: 'ES256'}, payload(), elliptic),
		'EdDSA with a key of its own': mint({...header(), alg: 'EdDSA'}, payload(), edKey('first')),
		'the algorithm twice': mint(
			JSON.stringify(header()).replace('{', '{"alg":"none",'),
			payload(),
			key,
		),
		'another key under that id': mint(header(), payload(), rsaKey('first')),
	};
});

test('S-42: key ids of a provider’s token', refuses, () => {
	const {kid: _, ...withoutKid} = header();
	const kids: unknown[] = [
		'',
		['first'],
		null,
		1,
		{},
		'__proto__',
		'constructor',
		'../../../../dev/null',
		"' or 1=1 --",
		'http://127.0.0.1/key',
		'x'.repeat(257),
	];
	return {
		'no kid, of two keys': mint(withoutKid, payload(), key),
		...Object.fromEntries(kids.map((kid) => [JSON.stringify(kid), withHeader({kid})])),
	};
});

test('S-43: keys that a provider’s token brings along are not looked for', async (t) => {
	const port = await freePort();
	let calls = 0;
	const foreign = rsaKey('first');
	const listener = createServer((_request, response) => {
		calls++;
		response.end(JSON.stringify({keys: [foreign.jwk]}));
	});
	await new Promise<void>((resolve) => listener.listen(port, '127.0.0.1', resolve));
	const url = `http://127.0.0.1:${port}/jwks`;
	for (const extra of [{jku: url}, {x5u: url}, {jwk: foreign.jwk}, {x5c: ['AAAA']}]) {
		for (const by of [key, foreign]) {
			const answer = await me(mint({...header(), ...extra}, payload(), by));
			t.is(answer.status, 401, JSON.stringify(extra));
		}
	}
	const elsewhere = await me(withClaims({iss: `http://127.0.0.1:${port}`}));
	t.is(elsewhere.status, 401, 'an issuer that nobody configured');
	t.is(calls, 0);
	await new Promise((resolve) => listener.close(resolve));
});

test('S-44: critical extensions', refuses, () => ({
	'unknown crit': withHeader({crit: ['x'], x: 1}),
	'crit of exp': withHeader({crit: ['exp']}),
	'b64 false': withHeader({b64: false, crit: ['b64']}),
	zip: withHeader({zip: 'DEF'}),
	'nested token': withHeader({cty: 'JWT'}),
}));

test('S-45: times of a provider’s token', refuses, () => ({
	'no exp': withoutClaim('exp'),
	'exp as text': withClaims({exp: String(seconds() + 300)}),
	'exp null': withClaims({exp: null}),
	'exp 1e400': withRawClaim('exp', '1e400'),
	'exp 2^53': withRawClaim('exp', '9007199254740992'),
	'exp more than a day ahead': withClaims({exp: seconds() + 86_460}),
	'exp past the tolerance': withClaims({exp: seconds() - 31}),
	'nbf ahead': withClaims({nbf: seconds() + 40}),
	'nbf as text': withClaims({nbf: '0'}),
	'iat ahead': withClaims({iat: seconds() + 40}),
	'no iat': withoutClaim('iat'),
}));

test('S-46, S-47: issuer, audience and subject', refuses, () => ({
	...Object.fromEntries(
		[
			`${audience}/`,
			audience.slice(1),
			{},
			{0: audience},
			[],
			[[audience]],
			[1, audience],
			null,
		].map((aud) => [`aud ${JSON.stringify(aud)}`, withClaims({aud})]),
	),
	...Object.fromEntries(
		['', 'x'.repeat(256), 1, null, {}, ['a'], 'a\u0000b', '\uD800'].map((sub) => [
			`sub ${JSON.stringify(sub)}`,
			withClaims({sub}),
		]),
	),
	'issuer with a slash': withClaims({iss: `${issuer}/`}),
	'issuer in another case': withClaims({iss: issuer.toUpperCase()}),
	'issuer in a list': withClaims({iss: [issuer]}),
	'key of one issuer, name of another': mint(
		{...header(), typ: 'JWT', kid: 'second'},
		payload({iss: plainIssuer}),
		other,
	),
	'no issuer': withoutClaim('iss'),
	'no audience': withoutClaim('aud'),
	'no subject': withoutClaim('sub'),
}));

test('S-48: other kinds of token, where access tokens have a type of their own', refuses, () => ({
	'no type': mint({alg: 'RS256', kid: 'first'}, payload(), key),
	'an ID token': withHeader({typ: 'JWT'}),
	'a logout token': withHeader({typ: 'logout+jwt'}),
}));

const plain = (more: Json = {}, typ = 'JWT') =>
	mint({...header(), typ}, payload({iss: plainIssuer, sub: 'person-2', ...more}), key);

test('S-48: other kinds of token, where they look like access tokens', refuses, () => ({
	'a nonce': plain({nonce: 'n'}),
	'a hash of an access token': plain({at_hash: 'h'}),
	'a hash of a code': plain({c_hash: 'h'}),
	'a logout token': plain({events: {}}),
	'for the client that logs people in': plain({aud: clientId}),
	'for that client, too': plain({aud: [audience, clientId]}),
	'what Keycloak calls an ID token': plain({typ: 'ID'}),
	'what Keycloak calls a refresh token': plain({typ: 'Refresh'}),
	'another type': plain({}, 'logout+jwt'),
}));

test('S-48: an access token of the plain type is accepted, also without a key id', async (t) => {
	const email = 'person-2@example.com';
	t.is((await me(plain({email}))).status, 200);
	t.is((await me(plain({email, typ: 'Bearer'}, 'jwt'))).status, 200);
	const {kid: _, ...withoutKid} = {...header(), typ: 'JWT'};
	const bare = mint(withoutKid, payload({iss: plainIssuer, sub: 'person-2'}), key);
	t.is((await me(bare)).status, 200, 'one key, no choice');
});

test('S-41: an issuer with a secret of its own', async (t) => {
	const signed = (alg: string, secret: string) => {
		const text = [
			{alg, typ: 'at+jwt'},
			payload({iss: secretIssuer, sub: 'person-3', email: 'person-3@example.com'}),
		]
			.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
			.join('.');
		return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
	};
	t.is((await me(signed('HS256', sharedSecret))).status, 200);
	t.is((await me(signed('HS256', `${sharedSecret}\n`))).status, 401);
	t.is((await me(signed('HS256', ''))).status, 401);
	t.is((await me(signed('HS384', sharedSecret))).status, 401);
	const asymmetric = mint(header(), payload({iss: secretIssuer}), key);
	t.is((await me(asymmetric)).status, 401, 'a key pair where a secret is due');
});

test('a person who is disabled here is refused at once, and their token comes back with them', async (t) => {
	const email = 'leaver@example.com';
	const token = withClaims({sub: 'leaver', email});
	t.is((await me(token)).status, 200);
	await db('users').where({email}).update({disabled_at: new Date()});
	t.is((await me(token)).status, 401);
	await db('users').where({email}).update({disabled_at: null});
	t.is((await me(token)).status, 200);
});

test('issuer and subject decide who somebody is, never the email', async (t) => {
	const taken = withClaims({sub: 'thief', email: 'ADMIN@example.com', email_verified: true});
	t.is((await me(taken)).status, 401, 'the email of a user here');
	t.is((await me(withClaims({sub: 'thief', email: 'person-1@example.com'}))).status, 401);
	t.is((await me(withClaims({sub: 'nameless', email: undefined}))).status, 401);
	t.is((await me(withClaims({sub: 'nameless', email: 'no address'}))).status, 401);
	const unverified = {sub: 'unverified', email: 'unverified@example.com', email_verified: false};
	t.is((await me(withClaims(unverified))).status, 401);
	const refusals = await db('audit_entries').where({action: 'identity.refused'}).pluck('content');
	const reasons = refusals
		.map((content) => JSON.parse(content) as {details: Json})
		.filter(({details}) => details['subject'] !== undefined)
		.map(({details}) => `${String(details['subject'])}: ${String(details['reason'])}`);
	for (const reason of [
		'thief: email taken',
		'nameless: no email',
		'unverified: email not verified',
	]) {
		t.is(reasons.filter((each) => each === reason).length, 1, reason);
	}
	const first = await server.call('/api/v1/auth/me', {
		bearer: withClaims({sub: 'mover', email: 'before@example.com'}),
	});
	const second = await server.call('/api/v1/auth/me', {
		bearer: withClaims({sub: 'mover', email: 'after@example.com'}),
	});
	t.deepEqual(first.json(), second.json(), 'the same person, whatever the email says now');
});

test('a provider that may link by email makes people the users they are here, by a verified one', async (t) => {
	const admin = await server.logIn();
	const {id: organisationId} = await defaultOrganisation(server, admin);
	const member = await makeMember(appliance.database, organisationId, 'viewer');
	const link = (more: Json) =>
		mint(header(), payload({iss: linkingIssuer, email: member.email, ...more}), key);
	t.is((await me(link({sub: 'unsaid'}))).status, 401, 'nobody says that it is verified');
	t.is((await me(link({sub: 'denied', email_verified: false}))).status, 401);
	const bearer = link({sub: 'linked', email: member.email.toUpperCase(), email_verified: true});
	const answer = await server.call('/api/v1/auth/me', {bearer});
	t.like(answer.json(), {email: member.email, role: 'viewer'});
	const entries = await db('audit_entries').where({action: 'identity.created'}).pluck('content');
	const entry = entries
		.map((content) => JSON.parse(content) as {details: Json})
		.find(({details}) => details['subject'] === 'linked');
	t.like(entry?.details, {provider: 'linking', linked: true});

	const leaver = await makeMember(appliance.database, organisationId, 'developer');
	await db('users').where({email: leaver.email}).update({disabled_at: new Date()});
	const late = link({sub: 'late', email: leaver.email, email_verified: 'true'});
	t.is((await me(late)).status, 401, 'a disabled user is nobody to become');
	t.is(await db('identities').where({subject: 'late'}).first(), undefined);
});

test('a person who is linked finds the account theirs alone: what let others in before is gone', async (t) => {
	const admin = await server.logIn();
	const {id: organisationId} = await defaultOrganisation(server, admin);
	const email = 'cfo@example.com';
	const password = 'the inviter knows this one';
	const invited = await server.call(`/api/v1/organizations/${organisationId}/invitations`, {
		bearer: admin,
		body: {email, role: 'viewer'},
	});
	const {code} = invited.json() as {code: string};
	const accepted = await server.call('/api/v1/invitations/accept', {body: {code, password}});
	const inviter = tokensSchema.parse(accepted.json());
	const {id = ''} = (await db('users').where({email}).first()) ?? {};
	const issued = await server.call(`/api/v1/users/${id}/password-reset`, {
		method: 'POST',
		bearer: admin,
	});
	const bearer = mint(
		header(),
		payload({iss: linkingIssuer, sub: 'cfo', email, email_verified: true}),
		key,
	);
	t.like((await server.call('/api/v1/auth/me', {bearer})).json(), {id, email, role: 'viewer'});

	t.is((await me(inviter.access_token)).status, 401);
	const call = async (route: string, body: object) => (await server.call(route, {body})).status;
	t.is(await call('/api/v1/auth/refresh', {refresh_token: inviter.refresh_token}), 401);
	t.is(await call('/api/v1/auth/login', {email, password}), 401);
	const reset = {code: issuedCode.parse(issued.json()).code, password: 'mountains remember rain'};
	t.is(await call('/api/v1/auth/password-reset', reset), 400);
	const contents = await db('audit_entries').where({action: 'identity.created'}).pluck('content');
	const entry = contents
		.map((content) => JSON.parse(content) as {details: Json})
		.find(({details}) => details['subject'] === 'cfo');
	t.like(entry?.details, {linked: true, password_removed: true, codes: 1, sessions: 1});

	const promoted = await server.call(`/api/v1/users/${id}`, {
		method: 'PATCH',
		bearer: admin,
		body: {operator: true},
	});
	t.like(promoted.json(), {operator: true, origin: 'invitation', confirmed: true});
	t.false('code' in (promoted.json() as object), 'it is theirs by now');
	t.is((await server.call('/api/v1/users', {bearer})).status, 200);
});

test.serial('the last operator with a password keeps it when they are linked', async (t) => {
	const before = await server.logIn();
	const {email} = administrator;
	const bearer = mint(
		header(),
		payload({iss: linkingIssuer, sub: 'admin', email, email_verified: true}),
		key,
	);
	t.like((await server.call('/api/v1/auth/me', {bearer})).json(), {email, operator: true});
	t.is((await me(before)).status, 401, 'sessions end all the same');
	t.is((await me(await server.logIn())).status, 200);
});

test('of many first requests at once, one makes the person known', async (t) => {
	const token = withClaims({sub: 'crowd', email: 'crowd@example.com'});
	const answers = await Promise.all(
		Array.from({length: 8}, () =>
			// Who waits too long for the others is told to come again.
			eventually(async () => {
				const answer = await server.call('/api/v1/auth/me', {bearer: token});
				return answer.status !== 503 && answer;
			}),
		),
	);
	t.deepEqual(new Set(answers.map(({status}) => status)), new Set([200]));
	t.is(new Set(answers.map(({text}) => text)).size, 1);
	const made = await db('audit_entries').where({action: 'identity.created'}).pluck('content');
	t.is(made.filter((content) => content.includes('"crowd"')).length, 1);
});

test('a member by token may do what a member may, and has no session to end', async (t) => {
	const admin = await server.logIn();
	const organisation = await defaultOrganisation(server, admin);
	const token = withClaims({sub: 'developer', email: 'developer@example.com'});
	const keys = `/api/v1/organizations/${organisation.id}/api-keys`;
	const {id} = (await server.call('/api/v1/auth/me', {bearer: token})).json() as {id: string};
	t.is((await server.call(keys, {bearer: token})).status, 404, 'no member yet');
	await db('memberships').insert({
		organisation_id: organisation.id,
		user_id: id,
		role: 'developer',
	});
	const made = await server.call(keys, {bearer: token, body: {name: 'made by token'}});
	t.is(made.status, 201);
	t.like((await server.call('/api/v1/auth/me', {bearer: token})).json(), {role: 'developer'});
	const renamed = await server.call(`/api/v1/organizations/${organisation.id}`, {
		method: 'PATCH',
		bearer: token,
		body: {name: 'taken over'},
	});
	t.is(renamed.status, 403);
	const logout = await server.call('/api/v1/auth/logout', {method: 'POST', bearer: token});
	t.is(logout.status, 403);
	t.is(logout.headers['latchkey-error-code'], 'session_required');
	const login = await server.call('/api/v1/auth/login', {
		body: {email: 'developer@example.com', password: 'correct horse battery staple'},
	});
	t.is(login.text, '{"error":"Invalid email or password"}', 'there is no password to log in with');
});

test('refused tokens of a known issuer are on record, once for a reason in a minute', async (t) => {
	for (let i = 0; i < 20; i++) await me(withClaims({aud: 'https://nobody.example'}));
	const entries = await db('audit_entries').where({action: 'identity.refused'}).pluck('content');
	const ofAudience = entries
		.map((content) => JSON.parse(content) as {details: Json; target: Json})
		.filter(({details, target}) => details['reason'] === 'audience' && target['name'] === 'main');
	t.is(ofAudience.length, 1);
	t.like(ofAudience[0], {
		outcome: 'refused',
		actor: {type: 'anonymous'},
		target: {type: 'identity_provider', name: 'main'},
	});
});
