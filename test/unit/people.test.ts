import {
	createPublicKey,
	generateKeyPairSync,
	hash,
	randomBytes,
	randomUUID,
	type KeyObject,
} from 'node:crypto';
import {readdir, readFile} from 'node:fs/promises';
import test from 'ava';
import {decodeJwt, decodeProtectedHeader, jwtVerify, SignJWT} from 'jose';
import type {Plan} from '../../contract/organisations.ts';
import {decide, type KeyFacts} from '../../core/keys/policy.ts';
import {accessTokens, accessTokenSeconds, type TokenKeys} from '../../core/people/access-token.ts';
import {
	hashPassword,
	mostAtOnce,
	mostWaiting,
	PasswordQueueFull,
	verifyPassword,
} from '../../core/people/password.ts';
import {hashOpaqueToken} from '../../core/people/opaque-token.ts';
import {newRefreshToken, successorOf} from '../../core/people/refresh-token.ts';
import {attempts} from '../../server/http/attempts.ts';

const minute = 60_000;

test.serial(
	'a password is stored as argon2id with the published cost, and with its own salt',
	async (t) => {
		const [first, second] = await Promise.all([
			hashPassword('correct horse battery'),
			hashPassword('correct horse battery'),
		]);
		const shape = /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/;
		t.regex(first, shape);
		t.regex(second, shape);
		t.not(first, second);
		t.true(await verifyPassword('correct horse battery', first));
		t.false(await verifyPassword('correct horse batterz', first));
		t.false(await verifyPassword('', first));
	},
);

test.serial('S-55: a password counts whole: nothing is cut off, trimmed or folded', async (t) => {
	const long = 'a'.repeat(72);
	for (const [password, other] of [
		[`${long}b`, `${long}c`],
		[`${'a'.repeat(1000)}b`, `${'a'.repeat(1000)}c`],
		['pass\0word one', 'pass\0word two'],
		[' leading and trailing ', 'leading and trailing'],
		['Case Matters Here', 'case matters here'],
	] as const) {
		const phc = await hashPassword(password);
		t.true(await verifyPassword(password, phc), JSON.stringify(password));
		t.false(await verifyPassword(other, phc), JSON.stringify(other));
	}
	// The same text from another keyboard: composed and decomposed.
	t.true(await verifyPassword('café au lait', await hashPassword('cafe\u0301 au lait')));
});

test.serial(
	'S-57: passwords are hashed by a thread that gives way to those of requests',
	async (t) => {
		await hashPassword('correct horse battery');
		// proc_pid_stat(5): the 19th field, counted behind the name in parentheses, which may hold blanks.
		const niceness = async (thread: string) => {
			const stat = await readFile(`/proc/self/task/${thread}/stat`, 'latin1');
			return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
		};
		const threads = await readdir('/proc/self/task');
		const others = await Promise.all(
			threads.filter((id) => id !== String(process.pid)).map(niceness),
		);
		const own = await niceness(String(process.pid));
		t.true(others.includes(10), others.join());
		t.true(own < 10);
	},
);

test.serial('S-53: for nobody the same work is done, and the answer is no', async (t) => {
	t.false(await verifyPassword('anything', undefined));
	await t.throwsAsync(verifyPassword('anything', 'plain text'), {message: /not argon2id/});
	await t.throwsAsync(verifyPassword('x', '$argon2i$v=19$m=8,t=1,p=1$AAAA$AAAA'));
});

test.serial('beyond the hashes at once and 32 that wait, a password is turned away', async (t) => {
	const most = mostAtOnce + mostWaiting;
	t.true(mostAtOnce >= 1 && mostAtOnce <= 4);
	const results = await Promise.allSettled(
		Array.from({length: most + 4}, () => verifyPassword('x', undefined)),
	);
	const rejected = results.filter((result) => result.status === 'rejected');
	t.is(rejected.length, 4);
	t.true(rejected.every(({reason}) => reason instanceof PasswordQueueFull));
	t.false(await verifyPassword('x', undefined), 'afterwards there is room again');
});

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
	const tokens = accessTokens({keys, issuer, clockSkewSeconds: 30});
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
	t.true(Math.abs((payload.iat ?? 0) * 1000 - now) < minute);
	t.not(decodeJwt(await tokens.issue(user)).jti, payload.jti);
	t.is(decodeProtectedHeader(await tokens.issue(user)).kid, protectedHeader.kid);
	t.deepEqual(await tokens.verify(token), {...user, expiresAt: payload.exp});
});

test('a token is about a person or about a service account: what is neither, or both, is refused', async (t) => {
	const tokens = accessTokens({keys, issuer, clockSkewSeconds: 30});
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
		'secret that is no id': {...claims, client_secret_id: 'x'},
		'subject that is no id': {...claims, sub: 'x', client_id: 'x'},
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
	const tokens = accessTokens({...options, clockSkewSeconds: 30});
	const strict = accessTokens({...options, clockSkewSeconds: 0});
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
		accessTokens({keys: tokenKeys(...pairs), issuer: from, clockSkewSeconds: 30});
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
		accessTokens({keys: tokenKeys(...pairs), issuer, clockSkewSeconds: 30});
	const [before, during, after] = [make(pair), make(next, pair), make(next)];
	const [old, young] = [await before.issue(user), await during.issue(user)];
	t.not(decodeProtectedHeader(old).kid, decodeProtectedHeader(young).kid);
	t.truthy(await during.verify(old));
	t.truthy(await during.verify(young));
	t.is(await before.verify(young), undefined);
	t.is(await after.verify(old), undefined, 'its key is gone');
	t.truthy(await after.verify(young));
});

test('decide: first reason first, and time is judged at the moment of the question', (t) => {
	const now = Date.parse('2024-01-15T10:30:00Z');
	const facts = (changes: Partial<KeyFacts>): KeyFacts => ({
		keyId: randomUUID(),
		name: 'a key',
		organisationId: randomUUID(),
		plan: 'team',
		createdAt: '2024-01-01T00:00:00Z',
		expiresAt: null,
		revokedAt: null,
		...changes,
	});
	const [past, at, future] = [new Date(now - 1), new Date(now), new Date(now + 1)];
	t.is(decide(facts({}), now), 'valid');
	t.is(decide(facts({expiresAt: future}), now), 'valid');
	t.is(decide(facts({expiresAt: at}), now), 'expired', 'S-27: at the instant itself');
	t.is(decide(facts({expiresAt: past}), now), 'expired');
	t.is(decide(facts({revokedAt: past}), now), 'revoked');
	t.is(decide(facts({revokedAt: future}), now), 'revoked', 'whatever another clock wrote');
	t.is(decide(facts({revokedAt: past, expiresAt: past, plan: 'free'}), now), 'revoked');
	t.is(decide(facts({expiresAt: past, plan: 'free'}), now), 'expired');
	for (const plan of ['free', 'pro'] satisfies Plan[]) {
		t.is(decide(facts({plan}), now), 'plan_inactive');
	}
});

test('attempts: so many in a window, each caller for itself, a success given back', (t) => {
	let clock = 0;
	const limit = attempts({most: 3, windowMs: minute, now: () => clock});
	t.deepEqual(
		[1, 2, 3, 4].map(() => limit.take('a')),
		[true, true, true, false],
	);
	t.true(limit.take('b'));
	clock = minute - 1;
	t.false(limit.take('a'));
	clock = minute;
	t.true(limit.take('a'));
	for (let i = 0; i < 10; i++) {
		t.true(limit.take('c'));
		limit.give('c');
	}
	limit.give('nobody');
});

test('attempts: that none are left can be asked without taking one', (t) => {
	let clock = 0;
	const limit = attempts({most: 2, windowMs: minute, now: () => clock});
	for (let i = 0; i < 5; i++) t.false(limit.isSpent('a'));
	limit.take('a');
	t.false(limit.isSpent('a'));
	limit.take('a');
	t.true(limit.isSpent('a'));
	t.false(limit.isSpent('b'));
	clock = minute;
	t.false(limit.isSpent('a'));
});

test('attempts: who has none left is told when there will be some, in whole seconds', (t) => {
	let clock = 0;
	const limit = attempts({most: 1, windowMs: minute, now: () => clock});
	const wait = () => limit.refuse('a').headers['Retry-After'];
	limit.take('a');
	t.is(limit.refuse('a').code, 'too_many_attempts');
	t.is(wait(), '60');
	clock = minute - 1500;
	t.is(wait(), '2');
	clock = minute - 1;
	t.is(wait(), '1');
	clock = minute + 1;
	t.is(wait(), '1', 'at once, as good as');
});

test('attempts: callers beyond what is remembered push the oldest out, and nothing grows', (t) => {
	const limit = attempts({most: 1, windowMs: minute, now: () => 0});
	t.true(limit.take('first'));
	t.false(limit.take('first'));
	for (let i = 0; i < 9999; i++) limit.take(`caller ${i}`);
	t.false(limit.take('first'), 'still remembered');
	limit.take('one more');
	t.true(limit.take('first'), 'forgotten');
});
