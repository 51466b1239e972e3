import {sign, verify} from 'node:crypto';
import test from 'ava';
import {createLocalJWKSet, jwtVerify} from 'jose';
import type {KeySet} from '../../contract/signing-keys.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {openServer} from '../helpers/opening.ts';
import {signingKey} from '../helpers/secrets.ts';

const {appliance, server} = await openServer();

test.after.always(() => appliance.stop());

const paths = ['/.well-known/jwks.json', '/.well-known/audit-keys.json'];

for (const path of paths) {
	test(`${path}: public members only, for everybody, kept by others for five minutes`, async (t) => {
		const answer = await server.call(path);
		t.is(answer.status, 200);
		t.is(answer.headers['cache-control'], 'public, max-age=300');
		t.is(answer.headers['content-type'], 'application/json; charset=utf-8');
		const {keys} = answer.json() as KeySet;
		t.is(keys.length, 1);
		for (const key of keys) {
			t.deepEqual(Object.keys(key), ['kty', 'crv', 'x', 'use', 'alg', 'kid']);
			t.like(key, {kty: 'OKP', crv: 'Ed25519', use: 'sig', alg: 'EdDSA'});
			t.regex(key.kid, /^[\w-]{43}$/);
			t.is(Buffer.from(key.x, 'base64url').length, 32);
		}
		const head = await server.call(path, {method: 'HEAD'});
		t.is(head.status, 200);
		t.is(head.headers['cache-control'], 'public, max-age=300');
		t.is((await server.call(path, {bearer: 'nonsense'})).text, answer.text);
		const posted = await server.call(path, {body: {}});
		t.is(posted.status, 405);
		t.is(posted.headers['cache-control'], 'no-store', 'a refusal is kept by nobody');
	});
}

test('whoever has the JWKS verifies access tokens; the two sets share no key', async (t) => {
	const [jwks, audit] = await Promise.all(
		paths.map(async (path) => (await server.call(path)).json() as KeySet),
	);
	const {payload, protectedHeader} = await jwtVerify(
		await server.logIn(),
		createLocalJWKSet(jwks ?? {keys: []}),
		{
			issuer: 'http://localhost:8080',
			audience: 'http://localhost:8080/api',
			typ: 'at+jwt',
			algorithms: ['EdDSA'],
		},
	);
	t.truthy(payload.sub);
	t.is(protectedHeader.kid, jwks?.keys[0]?.kid ?? '');
	t.not(jwks?.keys[0]?.x, audit?.keys[0]?.x);
});

test('an audit key that is published is the one that signs', async (t) => {
	const {keys} = (await server.call(paths[1] ?? '')).json() as KeySet;
	const [key] = keys;
	if (key === undefined) throw new Error('no audit key');
	const db = connectDatabase(appliance.database, 'test');
	t.teardown(() => db.destroy());
	const signature = sign(
		null,
		Buffer.from('head'),
		await signingKey(db, appliance.secretsDirectory, key.kid),
	);
	t.true(verify(null, Buffer.from('head'), {key, format: 'jwk'}, signature));
});
