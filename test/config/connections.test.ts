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

const sentinels = {
	LATCHKEY_REDIS_URL: '',
	LATCHKEY_REDIS_SENTINELS: 's1.example:26379, [2001:db8::1]:26380,192.0.2.1:1',
	LATCHKEY_REDIS_SENTINEL_NAME: 'keys',
};
const cluster = {LATCHKEY_REDIS_URL: '', LATCHKEY_REDIS_CLUSTER: 'n1.example:7000,n2.example:7000'};

test('sentinels, and who logs in to them: nobody, unless it is said', async (t) => {
	const {redis} = server({...sentinels, LATCHKEY_REDIS_PASSWORD: 'of Redis'});
	t.like(redis, {
		address: {
			name: 'keys',
			sentinels: [
				{host: 's1.example', port: 26379},
				{host: '2001:db8::1', port: 26380},
				{host: '192.0.2.1', port: 1},
			],
		},
		password: 'of Redis',
		database: 0,
		tls: false,
	});
	t.deepEqual(redis.sentinelLogin, {username: undefined, password: undefined});
	const file = await fileWith('of the sentinels\n');
	const {sentinelLogin} = server({
		...sentinels,
		LATCHKEY_REDIS_SENTINEL_USERNAME: 'watcher',
		LATCHKEY_REDIS_SENTINEL_PASSWORD_FILE: file,
	}).redis;
	t.like(sentinelLogin, {username: 'watcher', password: 'of the sentinels'});
	await writeFile(file, 'another\n');
	t.is(sentinelLogin?.readPassword?.(), 'another');
});

test('a Redis Cluster, with user, password and TLS as a single Redis has them', async (t) => {
	const file = await fileWith('of Redis');
	const {redis} = server({
		...cluster,
		LATCHKEY_REDIS_USERNAME: 'latchkey',
		LATCHKEY_REDIS_PASSWORD_FILE: file,
		LATCHKEY_REDIS_TLS: 'verify-full',
		LATCHKEY_REDIS_PREFIX: 'own',
	});
	t.like(redis, {
		address: {
			cluster: [
				{host: 'n1.example', port: 7000},
				{host: 'n2.example', port: 7000},
			],
		},
		username: 'latchkey',
		password: 'of Redis',
		tls: {rejectUnauthorized: true},
		prefix: 'own',
	});
	await writeFile(file, 'another');
	t.is(redis.readPassword?.(), 'another');
});

test('one Redis: a URL, a host, sentinels or a Cluster; and nothing beside it that says nothing', (t) => {
	const given = (changes: Record<string, string>) => faults(changes).join('\n');
	const url = {LATCHKEY_REDIS_URL: 'redis://cache.example'};
	t.is(
		given({...sentinels, ...url}),
		'LATCHKEY_REDIS_URL: given together with LATCHKEY_REDIS_SENTINELS; remove one of the two',
	);
	t.is(
		given({...sentinels, ...cluster}),
		'LATCHKEY_REDIS_SENTINELS: given together with LATCHKEY_REDIS_CLUSTER; remove one of the two',
	);
	t.is(
		given({...sentinels, ...cluster, ...url}),
		'LATCHKEY_REDIS_URL: given together with LATCHKEY_REDIS_SENTINELS; leave only one of them',
	);
	for (const one of [sentinels, cluster]) {
		t.regex(
			given({...one, LATCHKEY_REDIS_PORT: '6379'}),
			/^LATCHKEY_REDIS_PORT: has no effect with LATCHKEY_REDIS_(SENTINELS|CLUSTER), whose addresses have ports; remove it$/,
		);
	}
	t.is(
		given({...sentinels, LATCHKEY_REDIS_SENTINEL_NAME: ''}),
		'LATCHKEY_REDIS_SENTINEL_NAME: missing; give both or neither',
	);
	t.is(
		given({LATCHKEY_REDIS_SENTINEL_NAME: 'keys'}),
		'LATCHKEY_REDIS_SENTINELS: missing; give both or neither',
	);
	t.is(
		given({LATCHKEY_REDIS_SENTINEL_PASSWORD: 'of the sentinels'}),
		'LATCHKEY_REDIS_SENTINEL_PASSWORD: has no effect without LATCHKEY_REDIS_SENTINELS; give both, or remove it',
	);
	t.is(
		given({...sentinels, LATCHKEY_REDIS_SENTINEL_USERNAME: 'watcher'}),
		'LATCHKEY_REDIS_SENTINEL_USERNAME: has no effect without LATCHKEY_REDIS_SENTINEL_PASSWORD; give both, or remove it',
	);
	const nonsense = [
		'cache.example',
		'cache.example:0',
		'cache.example:65536',
		'redis://cache.example:6379',
		'cache.example:6379/0',
		'user@cache.example:6379',
		'2001:db8::1:6379',
		'[cache.example]:6379',
		'a.example:1,',
		'a.example:1;b.example:1',
		':6379',
	];
	for (const text of nonsense) {
		t.is(
			given({...cluster, LATCHKEY_REDIS_CLUSTER: text}),
			`LATCHKEY_REDIS_CLUSTER: given ${JSON.stringify(text)}; expected hosts with their ports, comma-separated, such as a.example:6379,b.example:6379; an IPv6 address in brackets`,
		);
	}
	t.regex(
		given({...cluster, LATCHKEY_REDIS_CLUSTER: 'a.example:1,a.example:1'}),
		/expected each host and port once$/,
	);
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
		['CA', der, /is not text in UTF-8; certificates and keys are read as PEM, not DER/],
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
