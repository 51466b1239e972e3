import {
	createPublicKey,
	generateKeyPairSync,
	hash,
	randomBytes,
	randomUUID,
	type KeyObject,
} from 'node:crypto';
import test from 'ava';
import {decodeJwt, decodeProtectedHeader, jwtVerify, SignJWT} from 'jose';
import {
	createAccessTokens,
	accessTokenSeconds,
	type TokenKeys,
} from '../../core/people/tokens/access-token.ts';
import {hashOpaqueToken} from '../../core/people/tokens/opaque-token.ts';
import {newRefreshToken, successorOf} from '../../core/people/tokens/refresh-token.ts';

test('D11: a refresh token is 256 bits, kept as its hash, and has one successor', (t) => {
	const token = newRefreshToken();
	t.regex(token, /^hklrt_[\w-]{43}$/);
	t.not(newRefreshToken(), token);
	t.is(hashOpaqueToken(token).length, 32);
	const key = randomBytes(32);
	const successor = successorOf(token, key);
	t.regex(successor, /^hklrt_[\w-]{43}$/);
	t.is(successorOf(token, key), successor, 'a repeated exchange gets the same');
	t.not(successorOf(token, randomBytes(32)), successor, 'not to be computed without the key');
	t.not(successorOf(successor, key), successor);
});

const issuer = 'https://keys.example';
const user = {kind: 'user', userId: randomUUID(), sessionId: randomUUID()} as const;

/** The first key signs, all of them verify. */
function tokenKeys(...pairs: {kid: string; privateKey: KeyObject}[]): TokenKeys {
	return {
		current: () => pairs[0] ?? newPair(),
		async find(_, wanted) {
			const found = pairs.find(({kid}) => kid === wanted);
			return found && createPublicKey(found.privateKey);
		},
	};
}

function newPair() {
	const pair = generateKeyPairSync('ed25519');
	const {x} = pair.publicKey.export({format: 'jwk'});
	return {kid: hash('sha256', String(x), 'base64url'), privateKey: pair.privateKey};
}

const pair = newPair();
const {privateKey} = pair;
const keys = tokenKeys(pair);

test('an access token is a JWT of RFC 9068 that any verifier can check', async (t) => {
	const now = Date.now();
	const tokens = createAccessTokens({keys, issuer, clockSkewSeconds: 30, now: Date.now});
	const token = await tokens.issue(user);
	const {payload, protectedHeader} = await jwtVerify(token, createPublicKey(privateKey), {
		issuer,
		audience: `${issuer}/api`,
		typ: 'at+jwt',
	});
	t.deepEqual(Object.keys(protectedHeader), ['alg', 'typ', 'kid']);
	t.like(payload, {sub: user.userId, sid: user.sessionId});
	t.is(typeof payload.jti, 'string');
	t.is((payload.exp ?? 0) - (payload.iat ?? 0), accessTokenSeconds);
	t.true(Math.abs((payload.iat ?? 0) * 1000 - now) < 60_000);
	t.not(decodeJwt(await tokens.issue(user)).jti, payload.jti);
	t.is(decodeProtectedHeader(await tokens.issue(user)).kid, protectedHeader.kid);
	t.deepEqual(await tokens.verify(token), {...user, expiresAt: payload.exp});
});

test('a token is about a person or about a service account: what is neither, or both, is refused', async (t) => {
	const tokens = createAccessTokens({keys, issuer, clockSkewSeconds: 30, now: Date.now});
	const account = {
		kind: 'service_account',
		accountId: randomUUID(),
		secretId: randomUUID(),
		organisationId: randomUUID(),
	} as const;
	const token = await tokens.issue(account);
	const claims = decodeJwt(token);
	t.like(await tokens.verify(token), account);
	t.like(claims, {
		sub: account.accountId,
		client_id: account.accountId,
		org: account.organisationId,
	});

	const ofUser = decodeJwt(await tokens.issue(user));
	const {subject_type: _type, ...untyped} = claims;
	const {client_id: _client, ...withoutClient} = claims;
	const {org: _org, ...withoutOrganisation} = claims;
	for (const [what, payload] of Object.entries({
		'typed as a user': {...claims, subject_type: 'user'},
		'typed as anything': {...claims, subject_type: 1},
		untyped,
		'with a session': {...claims, sid: user.sessionId},
		'a session and no type': {...untyped, sid: user.sessionId},
		'a user with a secret': {...ofUser, client_secret_id: account.secretId},
		'a user typed as an account': {...ofUser, subject_type: 'service_account'},
		'another client': {...claims, client_id: randomUUID()},
		'without client': withoutClient,
		'without organisation': withoutOrganisation,
		'secret that is not an id': {...claims, client_secret_id: 'x'},
		'subject that is not an id': {...claims, sub: 'x', client_id: 'x'},
	})) {
		const forged = await new SignJWT(payload)
			.setProtectedHeader({alg: 'EdDSA', typ: 'at+jwt', kid: pair.kid})
			.sign(privateKey);
		t.is(await tokens.verify(forged), undefined, what);
	}
});

test('S-45: the tolerance is exact: 29 s late is accepted, 31 s is not, and so ahead of time', async (t) => {
	let clock = 1_700_000_000_000;
	const options = {keys, issuer, now: () => clock};
	const tokens = createAccessTokens({...options, clockSkewSeconds: 30});
	const strict = createAccessTokens({...options, clockSkewSeconds: 0});
	const issuedAt = clock;
	const token = await tokens.issue(user);
	const lifetime = accessTokenSeconds * 1000;
	for (const [offset, isGood, isGoodStrictly] of [
		[0, true, true],
		[lifetime - 1000, true, true],
		[lifetime, true, false],
		[lifetime + 29_000, true, false],
		[lifetime + 31_000, false, false],
		[-29_000, true, false],
		[-31_000, false, false],
	] as const) {
		clock = issuedAt + offset;
		t.is((await tokens.verify(token)) !== undefined, isGood, `${offset}`);
		t.is((await strict.verify(token)) !== undefined, isGoodStrictly, `strict ${offset}`);
	}
});

test('a token of another key, issuer or appliance is refused', async (t) => {
	const make = (from: string, ...pairs: Parameters<typeof tokenKeys>) =>
		createAccessTokens({
			keys: tokenKeys(...pairs),
			issuer: from,
			clockSkewSeconds: 30,
			now: Date.now,
		});
	const own = make(issuer, pair);
	const elsewhere = make('https://keys.example:8443', pair);
	const foreign = make(issuer, newPair());
	const impostor = make(issuer, {...newPair(), kid: pair.kid});
	t.is(await own.verify(await elsewhere.issue(user)), undefined);
	t.is(await own.verify(await foreign.issue(user)), undefined);
	t.is(await own.verify(await impostor.issue(user)), undefined);
	for (const text of ['', '.', '..', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.', 'x'.repeat(9000)]) {
		t.is(await own.verify(text), undefined, text.slice(0, 20));
	}
});

test('S-51: a token is verified with the key that it names, also when another one signs', async (t) => {
	const next = newPair();
	const make = (...pairs: Parameters<typeof tokenKeys>) =>
		createAccessTokens({keys: tokenKeys(...pairs), issuer, clockSkewSeconds: 30, now: Date.now});
	const [before, during, after] = [make(pair), make(next, pair), make(next)];
	const [old, young] = [await before.issue(user), await during.issue(user)];
	t.not(decodeProtectedHeader(old).kid, decodeProtectedHeader(young).kid);
	t.truthy(await during.verify(old));
	t.truthy(await during.verify(young));
	t.is(await before.verify(young), undefined);
	t.is(await after.verify(old), undefined, 'its key is gone');
	t.truthy(await after.verify(young));
});
