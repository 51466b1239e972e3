import {mkdtempSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {configuredProviders} from '../../core/config/identity-providers.ts';
import {RefusedValue} from '../../core/config/parse.ts';
import {createAppliance} from '../helpers/appliance.ts';
import {rsaKey} from '../helpers/issuer.ts';
import {startProgram} from '../helpers/program.ts';

type Json = Record<string, unknown>;

const organisation = '11111111-1111-4111-8111-111111111111';
const good = {
	name: 'main',
	issuer: 'https://id.example',
	audience: 'https://keys.example/api',
	algorithms: ['RS256'],
};
const directory = mkdtempSync(path.join(tmpdir(), 'providers-'));

function file(name: string, content: string): string {
	const place = path.join(directory, name);
	writeFileSync(place, content);
	return place;
}

function faultsOf(...entries: unknown[]): readonly string[] {
	try {
		configuredProviders(JSON.stringify(entries));
		return [];
	} catch (error) {
		if (!(error instanceof RefusedValue)) throw error;
		return error.faults ?? [error.message];
	}
}

const fault = test.macro({
	exec(t, change: Json, expected: string) {
		t.deepEqual(faultsOf({...good, ...change}), [expected]);
	},
	title: (_given, change) => `at fault: ${JSON.stringify(change).slice(0, 100)}`,
});

test('little is needed, and the rest has safe defaults', (t) => {
	const [provider] = configuredProviders(JSON.stringify([good]));
	t.like(provider, {
		accessTokenType: 'at+jwt',
		keys: {kind: 'discovery'},
		maxStaleSeconds: 86_400,
		allowInsecureHttp: false,
		linkByEmail: false,
		claims: {subject: 'sub', email: 'email'},
		device: undefined,
	});
	t.deepEqual(configuredProviders('[]'), []);
});

test('everything that can be given', (t) => {
	const secret = file('client-secret', 's3cret\n');
	const [provider] = configuredProviders(
		JSON.stringify([
			{
				...good,
				jwks: {keys: [rsaKey('a').jwk]},
				access_token_type: 'JWT',
				max_stale_seconds: 0,
				link_by_email: true,
				claims: {
					subject: 'oid',
					email: ['profile', 'mail'],
					organization: {
						claim: 'groups',
						map: {a: organisation.toUpperCase(), b: {id: organisation, role: 'owner'}},
					},
					role: {claim: 'role', map: {x: 'admin'}, default: 'viewer'},
					operator: {claim: 'groups', values: ['root']},
				},
				device: {client_id: 'console', client_secret_file: secret, scopes: ['openid', 'groups']},
			},
		]),
	);
	t.like(provider, {
		keys: {kind: 'static'},
		device: {clientId: 'console', clientSecret: 's3cret', sessionSeconds: 43_200},
		claims: {organization: {map: {a: {id: organisation}, b: {id: organisation, role: 'owner'}}}},
	});
});

test(fault, {surprise: true}, 'main: surprise: no such member');
test(fault, {claims: {mail: 'x'}}, 'main: claims.mail: no such member');
test(fault, {device: {client_id: 'a', flow: 'x'}}, 'main: device.flow: no such member');
test(
	fault,
	{issuer: 'http://id.example'},
	'main: issuer: an https address without query; http with "allow_insecure_http": true',
);
test(
	fault,
	{issuer: 'https://id.example?x=1'},
	'main: issuer: an https address without query; http with "allow_insecure_http": true',
);
test(
	fault,
	{jwks_uri: 'http://id.example/keys'},
	'main: jwks_uri: an https address; http with "allow_insecure_http": true',
);
const oneFamily = 'main: algorithms: of one family only: RS…, PS…, ES…, EdDSA, or HS256 alone';
test(fault, {algorithms: ['RS256', 'PS256']}, oneFamily);
test(fault, {algorithms: ['RS256', 'HS256']}, oneFamily);
test(fault, {algorithms: ['ES256', 'EdDSA']}, oneFamily);
test(fault, {algorithms: ['HS256']}, 'main: secret_file: belongs to HS256, and to nothing else');
test(
	fault,
	{jwks: {keys: []}, jwks_uri: 'https://id.example/keys'},
	'main: give one of jwks_uri, jwks and secret_file at most',
);
test(fault, {jwks: {keys: [{kty: 'oct', k: 'AA'}]}}, 'main: jwks: it holds a symmetric key');
test(
	fault,
	{device: {client_id: good.audience}},
	'main: audience: must not be device.client_id, or an ID token could pass for an access token',
);
test(
	fault,
	{device: {client_id: 'a', scopes: ['email']}},
	'main: device.scopes: must include openid',
);
test(
	fault,
	{device: {client_id: 'a', client_secret_file: '/nowhere/secret'}},
	'main: device.client_secret_file: cannot read /nowhere/secret (ENOENT)',
);
test(fault, {claims: {role: {default: 'viewer'}}}, 'main: claims.role: needs claims.organization');
test(
	fault,
	{claims: {organization: {id: organisation}}},
	'main: claims.role: missing; claims.organization has entries without a role',
);
test(
	fault,
	{claims: {organization: {id: organisation}, role: {claim: 'x'}}},
	'main: claims.role: claim and map belong together',
);
test(
	fault,
	{claims: {organization: {id: organisation}, role: {default: 'root'}}},
	'main: claims.role.default: one of owner, admin, developer, viewer, verifier',
);
test(
	fault,
	{claims: {organization: {claim: 'g', map: {a: 'acme'}}, role: {default: 'viewer'}}},
	'main: claims.organization: {"claim", "map"} from values to organisations, or {"id"} of the one for everybody',
);

test('every fault of every provider is named', (t) => {
	const faults = faultsOf(
		{...good, issuer: 'ftp://x', algorithms: ['RS256', 'ES256']},
		{...good, audience: 1, extra: 1},
		{},
	);
	t.true(faults.some((each) => each.startsWith('main: issuer: ')));
	t.true(faults.some((each) => each.startsWith('main: algorithms: ')));
	t.true(faults.some((each) => each.startsWith('main: audience: ')));
	t.true(faults.some((each) => each === 'main: extra: no such member'));
	t.true(faults.some((each) => each.startsWith('entry 3: name: ')));
});

test('two providers of one name, or one issuer, are refused', (t) => {
	t.deepEqual(faultsOf(good, {...good, issuer: 'https://other.example'}), [
		'name "main" occurs twice',
	]);
	t.deepEqual(faultsOf(good, {...good, name: 'b'}), ['issuer "https://id.example" occurs twice']);
});

test('what is not a list, or names a member twice, is refused', (t) => {
	const refused = (text: string) =>
		t.throws(() => configuredProviders(text), {instanceOf: RefusedValue});
	for (const text of ['', '{', '{}', 'null', '"x"']) refused(text);
	refused(JSON.stringify([good]).replace('{', '{"issuer":"https://other.example",'));
});

test('S-52: a secret that is short, published or repeats itself is refused', (t) => {
	const withSecret = (content: string) =>
		faultsOf({...good, algorithms: ['HS256'], secret_file: file('secret', content)});
	t.deepEqual(withSecret('k7Qd0vXw2mRz9sTb4uYc6eFg8hJi1aLo\n'), []);
	t.deepEqual(withSecret('k7Qd0vXw2mRz9sTb4uYc6eFg8hJi1aL'), [
		'main: secret_file: at least 32 bytes are needed, there are 31',
	]);
	for (const published of [
		'a-string-secret-at-least-256-bits-long',
		'404E635266556A586E3272357538782F413F4428472B4B6250645367566B5970',
		'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
	]) {
		t.deepEqual(withSecret(published), [
			'main: secret_file: this secret is published; make one of your own',
		]);
	}
	t.deepEqual(withSecret('latchkey'.repeat(8)), [
		'main: secret_file: this secret repeats itself; make a random one',
	]);
	for (const placeholder of [
		'pleaseChangeThisSecretForANewOne',
		'a random, long, sequence of characters that only the server knows',
		'LongAndHardToGuessValueWithSpecialCharacters@^($%*$%',
		'my-secret-key-which-should-be-changed-in-production-and-be-base64-encoded',
		'MySup3rS3cr3tK3yThatIsLongEnough1234',
		'The JSON Web Token S e c r e t still needs to be configured...',
		'T3st1ng-k3y-f0r-l0cal-us3-0nly-123456',
	]) {
		t.deepEqual(
			withSecret(placeholder),
			[
				'main: secret_file: this secret reads like a placeholder, of which many are published; make a random one',
			],
			placeholder,
		);
	}
	for (const drawn of [
		'9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
		'3q2+7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs=',
		'mountain lantern copper whistle orbit velvet',
	]) {
		t.deepEqual(withSecret(drawn), [], drawn);
	}
});

test('S-52: a server with such a secret, or its own issuer, does not start: exit 78 with every reason', async (t) => {
	const appliance = await createAppliance();
	t.teardown(() => appliance.stop());
	const secretFile = file('published', 'super-secret-jwt-token-with-at-least-32-characters-long');
	const start = async (providers: unknown) => {
		const program = startProgram(['server'], {
			...appliance.env,
			LATCHKEY_PUBLIC_URL: 'https://keys.example',
			LATCHKEY_IDENTITY_PROVIDERS_FILE: file('providers.json', JSON.stringify(providers)),
		});
		return {code: await program.exited, output: program.output()};
	};
	const weak = await start([
		{...good, algorithms: ['HS256'], secret_file: secretFile, typo: 1},
		{...good, algorithms: ['HS256'], secret_file: secretFile},
	]);
	t.is(weak.code, 78);
	t.regex(weak.output, /LATCHKEY_IDENTITY_PROVIDERS: main: typo: no such member/);
	t.regex(weak.output, /LATCHKEY_IDENTITY_PROVIDERS: main: secret_file: this secret is published/);
	t.false(weak.output.includes('super-secret'));
	const own = await start([{...good, issuer: 'https://keys.example'}]);
	t.is(own.code, 78);
	t.regex(own.output, /main: issuer: is LATCHKEY_PUBLIC_URL/);
});
