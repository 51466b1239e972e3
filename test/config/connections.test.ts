import {mkdir, mkdtemp, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {loadServerConfig} from '../../core/config/config.ts';
import {ConfigurationError} from '../../core/config/load.ts';
import {createAuthority, type Authority, type Certificate} from '../helpers/certificates.ts';

const good = {
	LATCHKEY_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64url'),
	LATCHKEY_SECRETS_DIR: '/nonexistent',
	LATCHKEY_DATABASE_URL: 'postgresql://app@db.example/keys',
	LATCHKEY_REDIS_URL: 'redis://cache.example',
};
const server = (changes: Record<string, string>) => loadServerConfig({...good, ...changes});

function faults(changes: Record<string, string>): readonly string[] {
	try {
		server(changes);
	} catch (error) {
		if (error instanceof ConfigurationError) return error.faults;
		throw error;
	}
	return [];
}

let directory: string;
let authority: Authority;
let client: Certificate;
test.before(async () => {
	directory = await mkdtemp(path.join(tmpdir(), 'connections-'));
	authority = await createAuthority();
	client = await authority.issue('latchkey_app');
});

let files = 0;
async function fileWith(content: string | Buffer): Promise<string> {
	const file = path.join(directory, `file-${files++}`);
	await writeFile(file, content);
	return file;
}

test('a password beside a URL without one is used, whichever way it is given', async (t) => {
	const {database, redis} = server({
		LATCHKEY_DATABASE_PASSWORD: 'from the store',
		LATCHKEY_REDIS_PASSWORD_FILE: await fileWith('of Redis\n'),
		LATCHKEY_REDIS_USERNAME: 'keys',
	});
	t.is(database.password, 'from the store');
	t.is(redis.password, 'of Redis');
	t.is(redis.username, 'keys');
	// The same role at PostgreSQL itself, past a pooler.
	const pooled = server({
		LATCHKEY_DATABASE_PASSWORD: 'from the store',
		LATCHKEY_DATABASE_DIRECT_URL: 'postgresql://app@primary.example/keys',
	});
	t.is(pooled.directDatabase.password, 'from the store');
	const inPoolerUrl = server({
		LATCHKEY_DATABASE_URL: 'postgresql://app:pw@pooler.example/keys',
		LATCHKEY_DATABASE_DIRECT_URL: 'postgresql://app@primary.example/keys',
	});
	t.is(inPoolerUrl.directDatabase.password, 'pw');
});

test('of two passwords that differ neither is guessed at', (t) => {
	const url = 'postgresql://app:one@db.example/keys';
	t.deepEqual(faults({LATCHKEY_DATABASE_URL: url, LATCHKEY_DATABASE_PASSWORD: 'two'}), [
		'LATCHKEY_DATABASE_PASSWORD: another password than the one in LATCHKEY_DATABASE_URL; remove one of the two',
	]);
	t.deepEqual(faults({LATCHKEY_REDIS_URL: 'redis://:one@c', LATCHKEY_REDIS_PASSWORD: 'two'}), [
		'LATCHKEY_REDIS_PASSWORD: another password than the one in LATCHKEY_REDIS_URL; remove one of the two',
	]);
	t.deepEqual(faults({LATCHKEY_DATABASE_URL: url, LATCHKEY_DATABASE_PASSWORD: 'one'}), []);
});

test('a password that init made is for the services of the bundle, not for those of a URL', async (t) => {
	const secrets = path.join(directory, 'secrets');
	await mkdir(secrets);
	await writeFile(path.join(secrets, 'redis_password'), 'made by init\n');
	await writeFile(path.join(secrets, 'database_password'), 'made by init\n');
	const {database, redis} = server({LATCHKEY_SECRETS_DIR: secrets});
	t.is(redis.password, undefined);
	t.is(database.password, undefined);
	const parts = server({
		LATCHKEY_SECRETS_DIR: secrets,
		LATCHKEY_REDIS_URL: '',
		LATCHKEY_REDIS_HOST: 'redis',
	});
	t.is(parts.redis.password, 'made by init');
});

test('TLS to Redis: by rediss://, or beside the separate parts', (t) => {
	const tls = (changes: Record<string, string>) => server(changes).redis.tls;
	const parts = {LATCHKEY_REDIS_URL: '', LATCHKEY_REDIS_HOST: 'cache.example'};
	t.is(tls(parts), false);
	t.deepEqual(tls({...parts, LATCHKEY_REDIS_TLS: 'verify-full'}), {rejectUnauthorized: true});
	t.deepEqual(tls({LATCHKEY_REDIS_URL: 'rediss://c'}), {rejectUnauthorized: true});
	t.deepEqual(tls({LATCHKEY_REDIS_URL: 'rediss://c', LATCHKEY_REDIS_TLS: 'require'}), {
		rejectUnauthorized: false,
	});
	t.is(faults({LATCHKEY_REDIS_URL: 'rediss://c', LATCHKEY_REDIS_TLS: 'disable'}).length, 1);
});

test('what would have no effect is refused', (t) => {
	t.deepEqual(faults({LATCHKEY_DATABASE_SSL_CA: authority.cert}), [
		'LATCHKEY_DATABASE_SSL_CA: has no effect without TLS; set LATCHKEY_DATABASE_SSL=verify-full',
	]);
	t.deepEqual(faults({LATCHKEY_REDIS_TLS_CA: authority.cert}), [
		'LATCHKEY_REDIS_TLS_CA: has no effect without TLS; set LATCHKEY_REDIS_TLS=verify-full, or a rediss:// address',
	]);
	const unchecked = {LATCHKEY_DATABASE_SSL: 'require', LATCHKEY_REDIS_TLS: 'require'};
	t.deepEqual(faults({...unchecked, LATCHKEY_DATABASE_SSL_CA: authority.cert}), [
		'LATCHKEY_DATABASE_SSL_CA: has no effect with LATCHKEY_DATABASE_SSL=require, which checks no certificate; set LATCHKEY_DATABASE_SSL=verify-full',
	]);
	t.deepEqual(faults({...unchecked, LATCHKEY_REDIS_TLS_CA: authority.cert}), [
		'LATCHKEY_REDIS_TLS_CA: has no effect with LATCHKEY_REDIS_TLS=require, which checks no certificate; set LATCHKEY_REDIS_TLS=verify-full',
	]);
});

test('every wrong file of TLS is named, with what it is, and never shown', async (t) => {
	const other = await authority.issue('somebody-else');
	const old = await authority.issue('latchkey_app', -3);
	const base = {LATCHKEY_DATABASE_SSL: 'verify-full'};
	const der = Buffer.from(client.cert.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
	const encrypted = client.key.replaceAll('PRIVATE KEY', 'ENCRYPTED PRIVATE KEY');
	const withBom = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(authority.cert)]);
	const cases: [name: string, content: string | Buffer, expected: RegExp][] = [
		['CA', withBom, /begins with a byte order mark \(BOM\); save it as UTF-8 without one/],
		['CA', Buffer.from(`\uFEFF${authority.cert}`, 'utf16le'), /is in UTF-16; save it as UTF-8/],
		['CA', der, /is no text in UTF-8; certificates and keys are read as PEM, not DER/],
		['CA', client.key, /expected certificates in PEM, not a private key$/],
		['CA', 'hello', /not a text without/],
		['CA', authority.cert.replace('MII', 'AAA'), /number 1 is damaged/],
		['CA', '', /is empty/],
		['CERT', old.cert, /a certificate that has not expired; this one was valid until 20\d\d-/],
		['KEY', client.cert, /expected a private key in PEM, not a certificate$/],
		['KEY', encrypted, /without a passphrase/],
		['KEY', client.key.replace('MIG', 'AAA'), /damaged or of an unknown kind/],
		['KEY', other.key, /LATCHKEY_DATABASE_SSL_KEY: is not the key of LATCHKEY_DATABASE_SSL_CERT/],
	];
	for (const [name, content, expected] of cases) {
		const found = faults({
			...base,
			...(name === 'CA' ? {} : {LATCHKEY_DATABASE_SSL_CERT: client.cert}),
			...(name === 'CERT' ? {LATCHKEY_DATABASE_SSL_CERT: ''} : {}),
			...(name === 'CERT' ? {LATCHKEY_DATABASE_SSL_KEY: client.key} : {}),
			[`LATCHKEY_DATABASE_SSL_${name}_FILE`]: await fileWith(content),
		});
		t.is(found.length, 1, `${expected}: ${found.join(' | ')}`);
		t.regex(found[0] ?? '', expected);
		t.false(found.join().includes(client.key.slice(40, 60)), name);
	}
	t.deepEqual(faults({...base, LATCHKEY_DATABASE_SSL_CERT: client.cert}), [
		'LATCHKEY_DATABASE_SSL_KEY: missing; give both or neither',
	]);
});

test('a byte order mark is found in every file, also that of a password', async (t) => {
	const marked = await fileWith('\uFEFFsecret of mine');
	t.regex(faults({LATCHKEY_DATABASE_PASSWORD_FILE: marked}).join(), /byte order mark/);
	t.regex(faults({LATCHKEY_DATABASE_PASSWORD: '\uFEFFsecret'}).join(), /byte order mark/);
});

test('a value that came from a file is told by its length: it may be the wrong file', async (t) => {
	const secret = await fileWith('opaque-and-private');
	t.deepEqual(faults({LATCHKEY_PORT_FILE: secret}), [
		'LATCHKEY_PORT: given 18 characters; expected a whole number from 1 to 65535',
	]);
});
