import {createPublicKey} from 'node:crypto';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {setTimeout as delay} from 'node:timers/promises';
import test from 'ava';
import {Names} from '../../core/outbound/names.ts';
import {createProviderAsker, ProviderFault} from '../../core/issuers/fetch.ts';
import {KeySetFault, readKeySet} from '../../core/issuers/key-set.ts';
import {publishedBy} from '../../core/issuers/metadata.ts';
import {createKeyFinder} from '../../core/issuers/issuers.ts';
import type {IdentityProvider, KeySource} from '../../core/issuers/provider.ts';
import {edKey, rsaKey, startStubIssuer, type StubIssuer} from '../helpers/issuer.ts';

const ask = createProviderAsker({names: new Names(), proxy: undefined});
const minute = 60_000;
const maxStaleSeconds = 3600;
const [first, second, third] = [rsaKey('first'), rsaKey('second'), rsaKey('third')];

function provider(issuer: string, keys: KeySource): IdentityProvider {
	return {
		name: 'main',
		issuer,
		audience: 'api',
		algorithms: ['RS256'],
		accessTokenType: 'at+jwt',
		keys,
		maxStaleSeconds,
		allowInsecureHttp: true,
		linkByEmail: false,
		claims: {subject: 'sub', email: 'email'},
		device: undefined,
	};
}

/** Keys of a stub, by a clock that the test moves. */
function finder(stub: StubIssuer, source: KeySource = {kind: 'address', url: `${stub.url}/jwks`}) {
	let now = 0;
	const faults: unknown[] = [];
	const configured = provider(stub.url, source);
	const published = publishedBy(
		configured,
		ask,
		(_what, error) => faults.push(error),
		() => now,
	);
	const find = createKeyFinder(configured, published);
	return {
		faults,
		wait(milliseconds: number) {
			now += milliseconds;
		},
		async find(kid: string) {
			const found = await find(kid, 'RS256');
			return found === undefined || found === 'unavailable' ? found : 'found';
		},
	};
}

test('S-51: a new key is found with one request, a key that was taken out stops within the cache age', async (t) => {
	const stub = await startStubIssuer(first.jwk);
	t.teardown(stub.close);
	const keys = finder(stub);
	t.is(await keys.find('first'), 'found');
	t.is(await keys.find('first'), 'found');
	t.is(stub.asked(), 1);

	stub.publish(first.jwk, second.jwk);
	keys.wait(31_000);
	t.is(await keys.find('second'), 'found');
	t.is(stub.asked(), 2);

	stub.publish(second.jwk);
	keys.wait(4 * minute);
	t.is(await keys.find('first'), 'found', 'as young as it is, the set is used');
	keys.wait(minute + 1);
	t.is(await keys.find('first'), undefined);
	t.is(await keys.find('second'), 'found');
	t.is(stub.asked(), 3);
});

test('S-50: a flood of unknown key ids asks once in 30 s, and many at once ask once', async (t) => {
	const stub = await startStubIssuer(first.jwk);
	t.teardown(stub.close);
	const keys = finder(stub);
	const found = await Promise.all(Array.from({length: 50}, () => keys.find('first')));
	t.deepEqual(new Set(found), new Set(['found']));
	t.is(stub.asked(), 1);
	for (let second = 0; second < 60; second++) {
		keys.wait(1000);
		t.deepEqual(await Promise.all([keys.find(`unknown-${second}`), keys.find('__proto__')]), [
			undefined,
			undefined,
		]);
	}
	t.is(stub.asked(), 3, 'at 0, 30 and 60 s');
});

test('S-50: with the provider down, known keys go on until the set is too old, then nothing can be judged', async (t) => {
	const stub = await startStubIssuer(first.jwk);
	const keys = finder(stub);
	t.is(await keys.find('first'), 'found');
	await stub.close();
	keys.wait(6 * minute);
	t.is(await keys.find('first'), 'found');
	t.is(await keys.find('unknown'), undefined, 'an unknown key is refused meanwhile');
	keys.wait(maxStaleSeconds * 1000 - 6 * minute);
	t.is(await keys.find('first'), 'found');
	keys.wait(1);
	t.is(await keys.find('first'), 'unavailable');
	t.true(keys.faults.every((fault) => fault instanceof ProviderFault));
});

test('S-50: with the provider down from the start nothing can be judged, until it is there', async (t) => {
	const stub = await startStubIssuer(first.jwk);
	t.teardown(stub.close);
	stub.answer((_request, response) => response.destroy());
	const keys = finder(stub);
	t.is(await keys.find('first'), 'unavailable');
	stub.publish(first.jwk);
	t.is(await keys.find('first'), 'unavailable', 'it is not asked all the time');
	keys.wait(30_000);
	t.is(await keys.find('first'), 'found');
	t.is(stub.asked(), 2);
});

const huge = Buffer.alloc(1024 * 1024, ' ');

/** What a provider that is broken, or is another, answers. */
const answers: Record<string, Parameters<StubIssuer['answer']>[0]> = {
	'an error': (_request, response) => {
		response.statusCode = 500;
		response.end(JSON.stringify({keys: [third.jwk]}));
	},
	garbage: (_request, response) => {
		response.end('<html>nothing here</html>');
	},
	'no set': (_request, response) => {
		response.end('[]');
	},
	'over 64 KiB, announced': (_request, response) => {
		response.end(JSON.stringify({keys: [third.jwk], filler: 'x'.repeat(66_000)}));
	},
	'over 64 KiB, in pieces': (_request, response) => {
		response.write(JSON.stringify({keys: [third.jwk], filler: 'x'.repeat(66_000)}));
		response.end();
	},
	'a body of 1 GB': (_request, response) => {
		let sent = 0;
		const send = () => {
			while (sent < 1024 && !response.destroyed) {
				sent++;
				if (!response.write(huge)) return void response.once('drain', send);
			}
			response.end();
		};
		send();
	},
	'nothing, for ever': () => {},
	'a body that never ends': (_request, response) => {
		response.write('{"keys":');
	},
	'a body that is not packed as it says': (_request, response) => {
		response.setHeader('Content-Encoding', 'gzip');
		response.end('no gzip');
	},
};

for (const [what, answer] of Object.entries(answers)) {
	test(`S-50, F-18: an answer is passed over and the old set kept: ${what}`, async (t) => {
		const stub = await startStubIssuer(first.jwk);
		t.teardown(stub.close);
		const keys = finder(stub);
		t.is(await keys.find('first'), 'found');
		stub.answer(answer);
		keys.wait(6 * minute);
		const before = process.memoryUsage().rss;
		t.is(await keys.find('first'), 'found');
		t.is(await keys.find('third'), undefined);
		t.true(process.memoryUsage().rss - before < 100 * 1024 * 1024);
		t.is(stub.asked(), 2);
		t.is(keys.faults.length, 1);
		t.true(keys.faults[0] instanceof ProviderFault || keys.faults[0] instanceof KeySetFault);
		stub.publish(third.jwk);
		keys.wait(30_000);
		t.is(await keys.find('third'), 'found', 'and it heals');
	});
}

test('S-50: a redirect is not followed', async (t) => {
	const other = await startStubIssuer(third.jwk);
	const stub = await startStubIssuer(first.jwk);
	t.teardown(stub.close);
	t.teardown(other.close);
	const keys = finder(stub);
	t.is(await keys.find('first'), 'found');
	stub.answer((_request, response) => {
		response.writeHead(302, {Location: `${other.url}/jwks`});
		response.end();
	});
	keys.wait(6 * minute);
	t.is(await keys.find('third'), undefined);
	t.is(await keys.find('first'), 'found');
	t.is(other.asked(), 0);
});

test('F-18: a provider that sends byte by byte is cut off', async (t) => {
	const stub = await startStubIssuer(first.jwk);
	t.teardown(stub.close);
	stub.answer((_request, response) => {
		const timer = setInterval(() => response.write(' '), 100);
		response.once('close', () => clearInterval(timer));
	});
	const keys = finder(stub);
	const found = await Promise.race([
		keys.find('first'),
		delay(60_000, 'still waiting', {ref: false}),
	]);
	t.is(found, 'unavailable');
});

const weak = (() => {
	const exponent3 = rsaKey('weak', {exponent: 3});
	const short = rsaKey('short', {bits: 1024});
	return {exponent3, short};
})();

const spoilt: Record<string, unknown> = {
	'RSA of 1024 bits': {keys: [first.jwk, weak.short.jwk]},
	'RSA with exponent 3': {keys: [first.jwk, weak.exponent3.jwk]},
	'RSA with exponent 1': {keys: [first.jwk, {...second.jwk, e: 'AQ'}]},
	'RSA that cannot be read': {keys: [first.jwk, {kty: 'RSA', kid: 'x'}]},
	'RSA of 16,384 bits': {
		keys: [{kty: 'RSA', kid: 'x', e: 'AQAB', n: Buffer.alloc(2048, 0xff).toString('base64url')}],
	},
	'a symmetric key': {keys: [first.jwk, {kty: 'oct', kid: 'x', k: 'AAAA'}]},
	'a private key': {keys: [{...first.privateKey.export({format: 'jwk'}), kid: 'x'}]},
	'a key id that is not text': {keys: [{...first.jwk, kid: ['first']}]},
	'a key id of 257 characters': {keys: [{...first.jwk, kid: 'x'.repeat(257)}]},
	'101 keys': {keys: Array.from({length: 101}, (_, index) => ({...first.jwk, kid: `${index}`}))},
	'no keys': {},
	'keys that are not a list': {keys: first.jwk},
};

for (const [what, set] of Object.entries(spoilt)) {
	test(`S-50: one bad key spoils the set: ${what}`, (t) => {
		const error = t.throws(() => readKeySet(set), {instanceOf: KeySetFault});
		t.false(error?.message.includes(String(first.jwk['n'])));
	});
}

test('a key is used for what it is for, and by its algorithm only', (t) => {
	const ed = edKey('ed');
	const set = readKeySet({
		keys: [
			{...first.jwk, alg: 'RS256'},
			{...second.jwk, use: 'enc'},
			{...third.jwk, key_ops: ['encrypt']},
			ed.jwk,
			{kty: 'AKP', kid: 'of the future'},
			{kty: 'EC', crv: 'unheard of', kid: 'x', x: 'AA', y: 'AA'},
		],
	});
	t.truthy(set.find('first', 'RS256'));
	t.is(set.find('first', 'PS256'), undefined);
	t.is(set.find('first', 'RS512'), undefined);
	t.is(set.find('first', 'ES256'), undefined);
	t.is(set.find('second', 'RS256'), undefined);
	t.is(set.find('third', 'RS256'), undefined);
	t.truthy(set.find('ed', 'EdDSA'));
	t.is(set.find('ed', 'RS256'), undefined);
	t.truthy(set.find(undefined, 'EdDSA'), 'there is no choice');
	t.is(set.find(undefined, 'RS512'), undefined);
});

test('of keys with one id the one that fits the algorithm is used (RFC 7517, 4.5)', (t) => {
	const ed = edKey('first');
	const twins = readKeySet({
		keys: [
			{...second.jwk, kid: 'first', alg: 'RSA-OAEP'},
			{...third.jwk, kid: 'first', use: 'enc'},
			ed.jwk,
			{...first.jwk, alg: 'RS256'},
		],
	});
	t.true(twins.find('first', 'RS256')?.equals(createPublicKey(first.privateKey)));
	t.true(twins.find('first', 'EdDSA')?.equals(createPublicKey(ed.privateKey)));
	t.is(twins.find('first', 'PS256'), undefined);
	const choice = {...second.jwk, kid: 'first'};
	t.is(readKeySet({keys: [first.jwk, choice]}).find('first', 'RS256'), undefined);
	const same = readKeySet({keys: [first.jwk, first.jwk]});
	t.true(same.find('first', 'RS256')?.equals(createPublicKey(first.privateKey)));
	const named = readKeySet({keys: [choice, {...first.jwk, alg: 'RS256'}]});
	t.true(
		named.find('first', 'RS256')?.equals(createPublicKey(first.privateKey)),
		'it says what it is for',
	);
});

test('keys are found by the issuer’s metadata, which must be its own and safe', async (t) => {
	const stub = await startStubIssuer(first.jwk);
	t.teardown(stub.close);
	let metadata: Record<string, unknown> = {};
	const server = createServer((_request, response) => {
		response.setHeader('Content-Type', 'application/json');
		response.end(JSON.stringify(metadata));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	t.teardown(() => server.close());
	const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/realm`;
	const attempt = async (allowInsecureHttp: boolean) => {
		const configured = {...provider(issuer, {kind: 'discovery'}), allowInsecureHttp};
		const find = createKeyFinder(
			configured,
			publishedBy(configured, ask, () => {}),
		);
		const found = await find('first', 'RS256');
		return found === undefined || found === 'unavailable' ? found : 'found';
	};
	metadata = {issuer, jwks_uri: `${stub.url}/jwks`};
	t.is(await attempt(true), 'found');
	t.is(await attempt(false), 'unavailable', 'its keys are at an http address');
	metadata = {issuer: `${issuer}/`, jwks_uri: `${stub.url}/jwks`};
	t.is(await attempt(true), 'unavailable', 'another issuer');
	metadata = {issuer, jwks_uri: 'file:///etc/passwd'};
	t.is(await attempt(true), 'unavailable');
	metadata = {issuer};
	t.is(await attempt(true), 'unavailable');
});
