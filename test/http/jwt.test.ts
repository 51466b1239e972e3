import {createHmac, createPublicKey, generateKeyPairSync, sign, type KeyObject} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import {createServer} from 'node:http';
import {join} from 'node:path';
import test from 'ava';
import {defaultOrganisation, makeMember} from '../helpers/appliance.ts';
import {openAppliance} from '../helpers/opening.ts';
import {freePort} from '../helpers/program.ts';
import {signingKey} from '../helpers/secrets.ts';
import {golden, requestText, wireOne} from './wire.ts';

type Json = Record<string, unknown>;

const {appliance, server, db, jwt: genuine} = await openAppliance();
const [header = '', payload = ''] = genuine.split('.');
const genuineHeader: Json = JSON.parse(Buffer.from(header, 'base64url').toString());
const genuinePayload: Json = JSON.parse(Buffer.from(payload, 'base64url').toString());
const auditKeyId = (await db('signing_keys').where({purpose: 'audit'}).first('kid'))?.kid ?? '';
const auditKey = await signingKey(db, appliance.secretsDirectory, auditKeyId);
const ownKey = await signingKey(db, appliance.secretsDirectory, String(genuineHeader['kid']));

test.after.always(() => appliance.stop());

const encode = (value: unknown) =>
	Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const now = () => Math.floor(Date.now() / 1000);

/** A token as the appliance would sign it; header and payload may be JSON texts. */
function mint(header: Json | string, payload: Json | string, key: KeyObject = ownKey): string {
	const text = `${encode(header)}.${encode(payload)}`;
	return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`;
}

const withHeader = (changes: Json) => mint({...genuineHeader, ...changes}, genuinePayload);
const withClaims = (changes: Json) => mint(genuineHeader, {...genuinePayload, ...changes});
const withoutClaim = (name: string) => {
	const {[name]: _, ...rest} = genuinePayload;
	return mint(genuineHeader, rest);
};
/** The payload with one claim written as given, such as a number that JSON.stringify cannot write. */
const withRawClaim = (name: string, raw: string) =>
	mint(genuineHeader, JSON.stringify({...genuinePayload, [name]: 'RAW'}).replace('"RAW"', raw));

const me = (token: string) =>
	wireOne(server, requestText('GET /api/v1/auth/me', [`Authorization: Bearer ${token}`]));
let refused = '';

/** Every token of a set is refused, with the very bytes that any bad credential gets. */
const refuses = test.macro(async (t, make: () => Record<string, string>) => {
	refused ||= golden(await me('no.such.token'));
	t.regex(refused, /^HTTP\/1\.1 401 Unauthorized\n/);
	t.regex(refused, /\nWWW-Authenticate: Bearer realm="latchkey", error="invalid_token"\n/);
	t.regex(refused, /\n\n\{"error":"Invalid or missing API key"\}$/);
	for (const [what, token] of Object.entries(make())) {
		t.is(golden(await me(token)), refused, what);
		const source = requestText('GET /api/v1/sources', [`Authorization: Bearer ${token}`]);
		t.is(golden(await wireOne(server, source)), refused, what);
	}
});

test('a token made like the appliance’s own is accepted, so that each case has one fault', async (t) => {
	t.is((await me(genuine)).status, 200);
	t.is((await me(mint(genuineHeader, genuinePayload))).status, 200);
	t.is((await me(withClaims({jti: 'another', extra: {a: 1}}))).status, 200);
	t.deepEqual(Object.keys(genuineHeader), ['alg', 'typ', 'kid']);
	t.like(genuineHeader, {alg: 'EdDSA', typ: 'at+jwt'});
	t.is(Number(genuinePayload['exp']) - Number(genuinePayload['iat']), 600);
});

test('S-40: size, parts and spelling', refuses, () => {
	const [header = '', payload = '', signature = ''] = genuine.split('.');
	const last = signature.at(-1) ?? '';
	const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
	// The last character of 64 bytes carries two bits; the other four are free in a lenient reader.
	const sameBytes = alphabet[alphabet.indexOf(last) | 1] ?? '';
	return {
		'over 8 KiB': withClaims({filler: 'a'.repeat(9000)}),
		'two parts': `${header}.${payload}`,
		'no signature': `${header}.${payload}.`,
		'no header': `.${payload}.${signature}`,
		'no payload': `${header}..${signature}`,
		'four parts': `${genuine}.${signature}`,
		'four parts, last empty': `${genuine}.`,
		'five parts (JWE)': `${header}.a.b.c.d`,
		padded: `${header}.${payload}.${signature}==`,
		'padded header': `${header}=.${payload}.${signature}`,
		'other last character of the signature': `${header}.${payload}.${signature.slice(0, -1)}${sameBytes}`,
		'plus and slash': `${header}.${payload}.${signature.replaceAll('-', '+').replaceAll('_', '/')}==`,
		'signature cut off': `${header}.${payload}.${signature.slice(0, -2)}`,
		'signature of another': `${header}.${payload}.${mint(genuineHeader, {}).split('.')[2]}`,
		'payload of another': `${header}.${encode({...genuinePayload, jti: 'x'})}.${signature}`,
		'header spelt with blanks': mint(JSON.stringify(genuineHeader, undefined, 1), genuinePayload),
		'members in another order': mint(
			{kid: genuineHeader['kid'], typ: 'at+jwt', alg: 'EdDSA'},
			genuinePayload,
		),
		'payload is not an object': mint(genuineHeader, '"text"'),
		'payload is an array': mint(genuineHeader, '[]'),
		'payload is not JSON': mint(genuineHeader, 'nonsense'),
	};
});

test('S-41: algorithms', refuses, () => {
	const publicKey = createPublicKey(ownKey);
	const rsa = generateKeyPairSync('rsa', {modulusLength: 2048}).privateKey;
	const ec = generateKeyPairSync('ec', {namedCurve: 'P-256'}).privateKey;
	const unsigned = (alg: string) => `${encode({...genuineHeader, alg})}.${encode(genuinePayload)}.`;
	const hmac = (secret: string | Buffer) => {
		const text = `${encode({...genuineHeader, alg: 'HS256'})}.${encode(genuinePayload)}`;
		return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
	};
	const asymmetric = (alg: string, key: KeyObject) => {
		const text = `${encode({...genuineHeader, alg})}.${encode(genuinePayload)}`;
		return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
	};
	return {
		none: unsigned('none'),
		None: unsigned('None'),
		NONE: unsigned('NONE'),
		'none with a signature': `${unsigned('none')}AAAA`,
		'empty algorithm': unsigned(''),
		'no algorithm': mint({typ: 'at+jwt', kid: genuineHeader['kid']}, genuinePayload),
		'HS256 with the public PEM': hmac(publicKey.export({type: 'spki', format: 'pem'})),
		'HS256 with the public DER': hmac(publicKey.export({type: 'spki', format: 'der'})),
		'HS256 with the public JWK': hmac(JSON.stringify(publicKey.export({format: 'jwk'}))),
		'HS256 with the raw public key': hmac(
			Buffer.from(publicKey.export({format: 'jwk'}).x ?? '', 'base64url'),
		),
		'HS256 with an empty secret': hmac(''),
		RS256: asymmetric('RS256', rsa),
		PS256: asymmetric('PS256', rsa),
		ES256: asymmetric('ES256', ec),
		'Ed25519 by its newer name': withHeader({alg: 'Ed25519'}),
		'lower case': withHeader({alg: 'eddsa'}),
		'another key of the same kind': mint(
			genuineHeader,
			genuinePayload,
			generateKeyPairSync('ed25519').privateKey,
		),
		'the algorithm twice': mint(
			JSON.stringify(genuineHeader).replace('{', '{"alg":"none",'),
			genuinePayload,
		),
	};
});

test('S-42: key ids', refuses, () => {
	const {kid, ...withoutKid} = genuineHeader;
	const kids: unknown[] = [
		'',
		'other',
		`${String(kid)}x`,
		[kid],
		null,
		1,
		{},
		'__proto__',
		'constructor',
		'../../../../dev/null',
		'/proc/self/environ',
		"' or 1=1 --",
		'http://127.0.0.1/key',
		'x'.repeat(257),
		// Of the right form, but nobody's.
		'x'.repeat(43),
		`${String(kid).slice(1)}A`,
		auditKeyId,
	];
	return {
		'a key of the audit trail': mint({...genuineHeader, kid: auditKeyId}, genuinePayload, auditKey),
		'no kid': mint(withoutKid, genuinePayload),
		...Object.fromEntries(kids.map((value) => [JSON.stringify(value), withHeader({kid: value})])),
	};
});

test('S-43: keys that a token brings along are not used, nor looked for', async (t) => {
	const port = await freePort();
	let calls = 0;
	const foreign = generateKeyPairSync('ed25519');
	const jwk = foreign.publicKey.export({format: 'jwk'});
	const listener = createServer((_request, response) => {
		calls++;
		response.end(JSON.stringify({keys: [jwk]}));
	});
	await new Promise<void>((resolve) => listener.listen(port, '127.0.0.1', resolve));
	const url = `http://127.0.0.1:${port}/jwks`;
	for (const header of [
		{jku: url},
		{x5u: url},
		{jwk},
		{x5c: ['AAAA']},
		{jku: url, jwk},
		{x5t: 'AAAA'},
	]) {
		for (const key of [ownKey, foreign.privateKey]) {
			const answer = await me(mint({...genuineHeader, ...header}, genuinePayload, key));
			t.is(answer.status, 401, JSON.stringify(header));
		}
	}
	t.is(calls, 0);
	await new Promise((resolve) => listener.close(resolve));
});

test('S-44, S-48: critical extensions, encrypted tokens and types', refuses, () => ({
	'a JWE': `${encode({alg: 'dir', enc: 'A256GCM', typ: 'at+jwt', kid: genuineHeader['kid']})}..${encode('nonce of 12.')}.${encode(genuinePayload)}.${encode('sixteen bytes...')}`,
	'empty crit': withHeader({crit: []}),
	'unknown crit': withHeader({crit: ['x'], x: 1}),
	'crit of exp': withHeader({crit: ['exp']}),
	'b64 false': withHeader({b64: false, crit: ['b64']}),
	'b64 without crit': withHeader({b64: false}),
	zip: withHeader({zip: 'DEF'}),
	'no typ': mint({alg: 'EdDSA', kid: genuineHeader['kid']}, genuinePayload),
	'an ID token': withHeader({typ: 'JWT'}),
	'a logout token': withHeader({typ: 'logout+jwt'}),
	'long form of the type': withHeader({typ: 'application/at+jwt'}),
	'type in upper case': withHeader({typ: 'AT+JWT'}),
	'cty of a nested token': withHeader({cty: 'JWT'}),
}));

test('S-45: times', refuses, () => ({
	'no exp': withoutClaim('exp'),
	'exp as text': withClaims({exp: String(now() + 300)}),
	'exp null': withClaims({exp: null}),
	'exp true': withClaims({exp: true}),
	'exp array': withClaims({exp: [now() + 300]}),
	'exp 0': withClaims({exp: 0}),
	'exp negative': withClaims({exp: -1}),
	'exp fraction': withClaims({exp: now() + 300.5}),
	'exp 1e400': withRawClaim('exp', '1e400'),
	'exp 2^53': withRawClaim('exp', '9007199254740992'),
	'exp in milliseconds': withClaims({exp: Date.now() + 300_000}),
	'exp more than a day ahead': withClaims({exp: now() + 86_400 + 60}),
	'exp past the tolerance': withClaims({exp: now() - 31}),
	'exp twice, the last one past': mint(
		genuineHeader,
		JSON.stringify(genuinePayload).replace(/}$/, `,"exp":${now() - 31}}`),
	),
	'nbf ahead': withClaims({nbf: now() + 90}),
	'nbf as text': withClaims({nbf: '0'}),
	'iat ahead': withClaims({iat: now() + 90}),
	'no iat': withoutClaim('iat'),
	'iat as text': withClaims({iat: '0'}),
	'iat 1e400': withRawClaim('iat', '1e400'),
}));

test('S-45: what lies within the tolerance is accepted', async (t) => {
	for (const claims of [
		{exp: now() - 10},
		{nbf: now() + 10},
		{iat: now() + 10},
		{nbf: now() - 10},
		{exp: now() + 3600},
	]) {
		t.is((await me(withClaims(claims))).status, 200, JSON.stringify(claims));
	}
});

test('S-46, S-47: who issued it, for whom, about whom', refuses, () => {
	const iss = String(genuinePayload['iss']);
	const aud = String(genuinePayload['aud']);
	const sid = String(genuinePayload['sid']);
	const lists: Record<string, unknown[]> = {
		iss: [
			`${iss}/`,
			iss.slice(0, -1),
			iss.replace('http:', 'https:'),
			iss.toUpperCase(),
			[iss],
			null,
		],
		aud: [`${aud}/`, aud.slice(0, -1), iss, {}, {0: aud}, [], [`${aud}x`], [[aud]], null, 1],
		sub: ['', 'x'.repeat(256), 1, null, {}, ['a'], '00000000-0000-4000-8000-000000000000'],
		sid: [
			'',
			'x',
			1,
			null,
			[sid],
			sid.toUpperCase(),
			`${sid}x`,
			"' or 1=1 --",
			'\u0000',
			'00000000-0000-4000-8000-000000000000',
		],
	};
	return Object.fromEntries([
		...Object.entries(lists).flatMap(([name, values]) =>
			values.map((value) => [`${name} ${JSON.stringify(value)}`, withClaims({[name]: value})]),
		),
		...['iss', 'aud', 'sub', 'sid', 'jti'].map((name) => [`no ${name}`, withoutClaim(name)]),
	]);
});

test('S-46: an audience list with ours in it is accepted', async (t) => {
	t.is((await me(withClaims({aud: ['https://other.example', genuinePayload['aud']]}))).status, 200);
});

test('S-49: a session that ended ends every spelling of its token', async (t) => {
	const token = await server.logIn();
	t.is((await me(token)).status, 200);
	const other = await server.logIn();
	const [header = '', payload = '', signature = ''] = token.split('.');
	// Ed25519 with S + L in the place of S: the same signature to a lenient verifier.
	const bytes = Buffer.from(signature, 'base64url');
	const order = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;
	const scalar =
		BigInt(`0x${Buffer.from(bytes.subarray(32).toReversed()).toString('hex')}`) + order;
	const malleated = Buffer.concat([
		bytes.subarray(0, 32),
		Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex').toReversed(),
	]).toString('base64url');
	const spellings = [
		token,
		`${header}.${payload}.${signature}=`,
		`${header}.${payload}.${malleated}`,
		mint(genuineHeader, JSON.parse(Buffer.from(payload, 'base64url').toString())),
	];
	t.is((await me(spellings[2] ?? '')).status, 401, 'refused while the session is open, too');
	const left = await server.call('/api/v1/auth/logout', {method: 'POST', bearer: token});
	t.is(left.status, 200);
	t.is(left.text, '{"message":"Logged out successfully"}');
	for (const spelling of spellings) t.is((await me(spelling)).status, 401);
	t.is((await me(other)).status, 200, 'other sessions of the user go on');
});

test('a token stops when its session runs out or its user is disabled, and is no other user’s', async (t) => {
	const organisation = await defaultOrganisation(server, genuine);
	const who = await makeMember(appliance.database, organisation.id, 'developer');
	const token = await server.logIn(who);
	const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Json;
	t.is((await me(token)).status, 200);
	const theft = mint(genuineHeader, {...claims, sub: genuinePayload['sub']});
	t.is((await me(theft)).status, 401, 'a session of another user');
	await db('users').where({email: who.email}).update({disabled_at: new Date()});
	t.is((await me(token)).status, 401);
	await db('users').where({email: who.email}).update({disabled_at: null});
	t.is((await me(token)).status, 200);
	await db('sessions')
		.where({id: String(claims['sid'])})
		.update({expires_at: new Date(0)});
	t.is((await me(token)).status, 401);
});

test('other tokens of the appliance are not access tokens', async (t) => {
	const login = await server.call('/api/v1/auth/login', {
		body: {email: 'admin@example.com', password: 'correct horse battery staple'},
	});
	const {refresh_token: refreshToken} = login.json() as {refresh_token: string};
	const setupToken = await readFile(join(appliance.secretsDirectory, 'setup_token'), 'utf8');
	for (const value of [refreshToken, setupToken.trim(), 'lkst_x']) {
		t.is((await me(value)).status, 401);
	}
	const asRefresh = await server.call('/api/v1/auth/refresh', {body: {refresh_token: genuine}});
	t.is(asRefresh.status, 401);
	t.is(asRefresh.text, '{"error":"Invalid or missing API key"}');
});
