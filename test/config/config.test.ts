import {randomBytes} from 'node:crypto';
import {mkdir, mkdtemp, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {
	loadMigrateConfig,
	loadServerConfig,
	loadWorkerConfig,
	readMasterKeys,
} from '../../core/config/config.ts';
import {ConfigurationError} from '../../core/config/load.ts';
import {foreignVariables} from '../../core/config/foreign-variables.ts';
import {settings} from '../../core/config/settings.ts';
import {isTrusted} from '../../server/http/client-address.ts';
import {startProgram} from '../helpers/program.ts';

let directory: string;
let good: Record<string, string>;
const newKey = () => randomBytes(32).toString('base64url');
const encryptionKey = newKey();
const texts = (keys: readonly Buffer[]) => keys.map((key) => key.toString('base64url'));

test.before(async () => {
	directory = await mkdtemp(join(tmpdir(), 'config-'));
	const secrets = join(directory, 'secrets');
	await mkdir(secrets);
	await writeFile(join(secrets, 'encryption_key'), `${encryptionKey}\n`);
	good = {
		LATCHKEY_SECRETS_DIR: secrets,
		LATCHKEY_DATABASE_URL: 'postgresql://user:pass@db.example/keys',
		LATCHKEY_REDIS_URL: 'redis://cache.example',
	};
});

let files = 0;
async function fileWith(text: string): Promise<string> {
	const path = join(directory, `value-${files++}`);
	await writeFile(path, text);
	return path;
}

function faultsOf(load: () => unknown): readonly string[] {
	try {
		load();
	} catch (error) {
		if (error instanceof ConfigurationError) return error.faults;
		throw error;
	}
	return [];
}

/** Faults of the good environment with some variables changed; '' unsets one. */
const faults = (changes: Record<string, string>) =>
	faultsOf(() => loadServerConfig({...good, ...changes}));
const server = (changes: Record<string, string> = {}) => loadServerConfig({...good, ...changes});

test('what is not given has its default', (t) => {
	const config = server();
	t.like(config, {
		program: 'server',
		port: 8080,
		listenHost: undefined,
		publicUrl: 'http://localhost:8080',
		keyPrefix: 'hklst_',
		logLevel: 'info',
		trustedProxies: undefined,
		setupToken: undefined,
		bootstrapAdmin: undefined,
		clockSkewSeconds: 30,
		maxInFlight: 1000,
		keepAliveSeconds: 960,
		allowedHosts: undefined,
		maxConnections: 10_000,
		metricsToken: undefined,
	});
	t.deepEqual(texts(readMasterKeys(good)), [encryptionKey]);
	t.true(Object.isFrozen(config));
});

test('no secret has a default, and nothing is left to the programs to default', (t) => {
	for (const setting of Object.values(settings)) {
		if ('secret' in setting) t.false('default' in setting, setting.variable);
	}
	t.deepEqual(
		faultsOf(() => loadServerConfig({LATCHKEY_SECRETS_DIR: directory})),
		[
			'LATCHKEY_ENCRYPTION_KEY: missing; mount the secrets volume, or run `latchkey init` to make one',
			'LATCHKEY_DATABASE_URL: missing; give it, or LATCHKEY_DATABASE_HOST with the other parts',
			'LATCHKEY_REDIS_URL: missing; give it, or LATCHKEY_REDIS_HOST with the other parts, or LATCHKEY_REDIS_SENTINELS, or LATCHKEY_REDIS_CLUSTER',
		],
	);
});

test('every setting of a program can come from a file; one newline at its end is not part of it', async (t) => {
	for (const [text, expected] of [
		['9090', 9090],
		['9090\n', 9090],
		['9090\r\n', 9090],
	] as const) {
		t.is(server({LATCHKEY_PORT_FILE: await fileWith(text)}).port, expected);
	}
	const url = 'postgresql://user:from-a-file@db.example/keys';
	const config = server({
		LATCHKEY_DATABASE_URL: '',
		LATCHKEY_DATABASE_URL_FILE: await fileWith(`${url}\n`),
		LATCHKEY_METRICS_TOKEN_FILE: await fileWith(' spaces are kept \n\n'),
	});
	t.is(config.database.password, 'from-a-file');
	t.is(config.metricsToken, ' spaces are kept \n');
	for (const setting of Object.values(settings)) {
		const missing = `${setting.variable}_FILE`;
		if (!(setting.programs as readonly string[]).includes('server')) continue;
		const found = faults({[setting.variable]: '', [missing]: join(directory, 'missing')});
		t.true(
			found.some((fault) => fault.startsWith(`${missing}: cannot read`)),
			`${missing}: ${found.join()}`,
		);
	}
});

test('a file that is missing, empty or a folder is named, with the reason', async (t) => {
	const empty = await fileWith('\n');
	t.deepEqual(faults({LATCHKEY_PORT_FILE: empty}), [
		`LATCHKEY_PORT_FILE: the file ${empty} is empty`,
	]);
	const uid = process.getuid?.();
	t.deepEqual(faults({LATCHKEY_PORT_FILE: join(directory, 'missing')}), [
		`LATCHKEY_PORT_FILE: cannot read ${join(directory, 'missing')} (ENOENT); it must be readable for uid ${uid}`,
	]);
	t.deepEqual(faults({LATCHKEY_PORT_FILE: directory}), [
		`LATCHKEY_PORT_FILE: cannot read ${directory} (EISDIR); it must be readable for uid ${uid}`,
	]);
});

test('a variable and its file together are one fault', async (t) => {
	t.deepEqual(faults({LATCHKEY_PORT: '1', LATCHKEY_PORT_FILE: await fileWith('2')}), [
		'LATCHKEY_PORT: given twice, also as LATCHKEY_PORT_FILE; remove one of the two',
	]);
	// Also for what is read before everything else.
	const folder = {LATCHKEY_SECRETS_DIR_FILE: await fileWith('/nowhere')};
	t.is(faults(folder).filter((fault) => fault.startsWith('LATCHKEY_SECRETS_DIR:')).length, 1);
});

test('an empty variable counts as unset', async (t) => {
	t.is(server({LATCHKEY_PORT: ''}).port, 8080);
	t.is(server({LATCHKEY_PORT: '', LATCHKEY_PORT_FILE: await fileWith('9')}).port, 9);
	t.is(server({LATCHKEY_PORT: '9', LATCHKEY_PORT_FILE: ''}).port, 9);
	t.is(server({LATCHKEY_LISTEN_HOST: ''}).listenHost, undefined);
	t.is(server({LATCHKEY_BOOTSTRAP_ADMIN_EMAIL: ''}).bootstrapAdmin, undefined);
});

test('a name that nobody reads is refused, with the nearest one', (t) => {
	for (const [given, nearest] of [
		['LATCHKEY_PROT', 'LATCHKEY_PORT'],
		['LATCHKEY_DATABASE_ULR', 'LATCHKEY_DATABASE_URL'],
		['LATCHKEY_REDIS_PASWORD_FILE', 'LATCHKEY_REDIS_PASSWORD_FILE'],
		['LATCHKEY_LOGLEVEL', 'LATCHKEY_LOG_LEVEL'],
		['LATCHKEY_port', 'LATCHKEY_PORT'],
		['LATCHKEY_', 'LATCHKEY_CA'],
	] as const) {
		t.deepEqual(faults({[given]: 'x'}), [`${given}: no such setting; the nearest is ${nearest}`]);
	}
	t.deepEqual(faults({LATCHKEY_PROT: ''}).length, 1, 'also when it is empty');
	t.deepEqual(
		faults({latchkey_port: 'x', LATCHKEYPORT: 'x', PORT: 'x'}),
		[],
		'others are not ours',
	);
	for (const {variable} of foreignVariables) t.deepEqual(faults({[variable]: 'x'}), [], variable);
});

test('all faults come in one report', (t) => {
	const found = faults({
		LATCHKEY_PORT: 'eighty',
		LATCHKEY_PROT: '8080',
		LATCHKEY_LOG_LEVEL: 'loud',
		LATCHKEY_DATABASE_URL: '',
		LATCHKEY_REDIS_HOST: 'cache.example',
		LATCHKEY_BOOTSTRAP_ADMIN_EMAIL: 'admin@example.com',
		LATCHKEY_KEY_PREFIX: 'Bad-',
	});
	t.deepEqual(found, [
		'LATCHKEY_PROT: no such setting; the nearest is LATCHKEY_PORT',
		'LATCHKEY_PORT: given "eighty"; expected a whole number from 1 to 65535',
		'LATCHKEY_KEY_PREFIX: given "Bad-"; expected 2 to 15 lower-case letters and digits, then an underscore, such as acme_',
		'LATCHKEY_LOG_LEVEL: given "loud"; expected one of fatal, error, warn, info, debug, trace',
		'LATCHKEY_DATABASE_URL: missing; give it, or LATCHKEY_DATABASE_HOST with the other parts',
		'LATCHKEY_REDIS_URL: given together with LATCHKEY_REDIS_HOST; remove one of the two',
		'LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD: missing; give both or neither',
	]);
	t.is(
		new ConfigurationError(found).message,
		`Configuration: 7 faults, nothing was started\n${found.map((fault) => `  - ${fault}`).join('\n')}`,
	);
	t.regex(
		new ConfigurationError(['one']).message,
		/^Configuration: 1 fault, nothing was started\n/,
	);
});

test('one mistake is one fault', (t) => {
	const [only, ...more] = faults({LATCHKEY_DATABASE_URL: 'mysql://db'});
	t.regex(
		only ?? '',
		/^LATCHKEY_DATABASE_URL: given 10 characters; expected a URL such as postgresql:/,
	);
	t.deepEqual(more, []);
	t.is(faults({LATCHKEY_REDIS_URL: 'cache.example:6379'}).length, 1);
	const admin = {LATCHKEY_BOOTSTRAP_ADMIN_EMAIL: 'a@b', LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD: 'short'};
	t.is(faults(admin).length, 1);
});

test('a secret is never shown, only its length', async (t) => {
	const secret = 'SoSecret/ItHurts';
	for (const setting of Object.values(settings)) {
		if (!('secret' in setting)) continue;
		for (const value of [secret, `postgresql://user:${secret}@host/db`, secret.slice(0, 3)]) {
			for (const changes of [
				{[setting.variable]: value},
				{[setting.variable]: '', [`${setting.variable}_FILE`]: await fileWith(value)},
			]) {
				const report = faults(changes).join('\n');
				t.false(report.includes(value), report);
				t.false(report.includes(secret), report);
			}
		}
	}
	t.regex(
		faults({LATCHKEY_ENCRYPTION_KEY: secret}).join(),
		/^LATCHKEY_ENCRYPTION_KEY: given 16 characters; expected 32 random bytes/,
	);
});

test('values out of range are refused', async (t) => {
	const wrong: Record<string, readonly string[]> = {
		LATCHKEY_PORT: ['0', '65536', '-1', '80.5', '1e3', ' 80', '0x50', '9'.repeat(20), '８０'],
		LATCHKEY_LISTEN_HOST: ['localhost', '127.0.0.1:80', '[::1]', '256.0.0.1', '010.0.0.1'],
		LATCHKEY_PUBLIC_URL: [
			'keys.example',
			'ftp://keys.example',
			'https://keys.example/path',
			'https://user:pass@keys.example',
			'https://keys.example?x',
			'https://keys.example#x',
		],
		LATCHKEY_TRUSTED_PROXIES: [
			'10.0.0.1',
			'10.0.0.0/33',
			'::/129',
			'0.0.0.0/0',
			'::/0',
			'10.0.0.0/8,',
			'10.0.0.0/8 172.16.0.0/12',
			'10.0.0.0/-1',
			'10.0.0.0/8/8',
			'010.0.0.0/8',
			'everybody',
			'fe80::%eth0/10',
			'10.0.0.0/08',
			'10.0.0.0/008',
			'10/8',
			'10.1/16',
			'0x0a.0.0.0/8',
		],
		LATCHKEY_KEY_PREFIX: [
			'x_',
			'hklst',
			'HKLST_',
			'1a_',
			'a-b_',
			`${'a'.repeat(16)}_`,
			'a_b_',
			'.*_',
		],
		LATCHKEY_ENCRYPTION_KEY: [
			'short',
			encryptionKey.slice(1),
			`${encryptionKey}A`,
			`${encryptionKey}=`,
			`${encryptionKey}\n${encryptionKey}`,
			`${encryptionKey}\n\n${newKey()}`,
			`${encryptionKey} ${newKey()}`,
			`${encryptionKey}\nshort`,
			`\n${encryptionKey}`,
			// Its last two bits belong to no byte.
			`${'A'.repeat(42)}B`,
		],
		LATCHKEY_SETUP_TOKEN: ['short', 'changeme', 'Password'],
		LATCHKEY_METRICS_TOKEN: ['short', 'x'],
		LATCHKEY_DATABASE_SSL: ['on', 'prefer', 'VERIFY-FULL'],
		LATCHKEY_DATABASE_SSL_CA: ['not a certificate'],
		LATCHKEY_ALLOW_EPHEMERAL_SECRETS: ['yes', 'TRUE', '2'],
		LATCHKEY_CLOCK_SKEW_SECONDS: ['301', '-1'],
		LATCHKEY_MAX_IN_FLIGHT: ['0'],
		LATCHKEY_REDIS_PREFIX: ['Latchkey', 'a:b', 'a*', 'x'.repeat(41)],
	};
	for (const [variable, values] of Object.entries(wrong)) {
		for (const value of values) {
			const found = faults({[variable]: value});
			t.is(found.length, 1, `${variable}=${value}: ${found.join()}`);
			t.true(found[0]?.startsWith(`${variable}: given `), found[0]);
			t.true(found[0]?.includes('; expected '), found[0]);
		}
	}
});

test('trusted proxies are networks and names of networks', (t) => {
	const {trustedProxies} = server({
		LATCHKEY_TRUSTED_PROXIES: 'loopback, private,203.0.113.0/24 ,2001:db8::/32',
	});
	for (const [address, expected] of [
		['127.0.0.1', true],
		['10.1.2.3', true],
		['203.0.113.255', true],
		['203.0.114.0', false],
		['169.254.1.1', false],
		['::1', true],
		['fd00::1', true],
		['2001:db8::1', true],
		['2001:db9::1', false],
	] as const) {
		t.is(isTrusted(address, trustedProxies ?? []), expected, address);
	}
});

test('S-76: a network with bits of a host is refused: one host may be meant, or millions', (t) => {
	for (const [variable, networks] of [
		['LATCHKEY_TRUSTED_PROXIES', ['10.0.0.1/8', '192.0.2.129/25', '2001:db8::1/32', '::1/127']],
		['LATCHKEY_WEBHOOK_ALLOWED_NETWORKS', ['10.0.0.0/8, 192.168.1.1/24', 'fd00::1/8']],
	] as const) {
		for (const text of networks) {
			const [fault, ...more] = faults({[variable]: text});
			t.is(more.length, 0);
			t.true(fault?.startsWith(`${variable}: given `), fault);
			t.regex(
				fault ?? '',
				/; expected the first address of each network: 10\.0\.0\.0\/8, not 10\.0\.0\.1\/8/,
			);
		}
	}
	const {trustedProxies} = server({
		LATCHKEY_TRUSTED_PROXIES: '192.0.2.128/25, 192.0.2.1/32, 2001:db8::1/128, 128.0.0.0/1',
	});
	t.true(isTrusted('192.0.2.1', trustedProxies ?? []));
	t.true(isTrusted('2001:db8::1', trustedProxies ?? []));
	t.false(isTrusted('2001:db8::2', trustedProxies ?? []));
});

test('a database URL is taken apart, encoded characters and all', (t) => {
	const database = (url: string) => server({LATCHKEY_DATABASE_URL: url}).database;
	t.like(database('postgresql://u%40x:p%40s%2Fs%3F%23%25@db.example:6000/my%20keys'), {
		host: 'db.example',
		port: 6000,
		user: 'u@x',
		password: 'p@s/s?#%',
		database: 'my keys',
		ssl: false,
	});
	t.like(database('postgres://db.example'), {
		host: 'db.example',
		port: 5432,
		user: 'latchkey',
		password: undefined,
		database: 'latchkey',
	});
	t.like(database('postgres://u:p@[2001:db8::1]:6000/keys'), {host: '2001:db8::1', port: 6000});
	t.like(database('postgresql:///keys?host=/run/postgresql&port=6000&user=me'), {
		host: '/run/postgresql',
		port: 6000,
		user: 'me',
		database: 'keys',
	});
	t.like(database('postgres://u:p@ss@db.example/keys'), {password: 'p@ss', host: 'db.example'});
});

test('a URL whose password breaks it is refused, not read in another way', (t) => {
	for (const url of [
		'postgresql://user:pa/ss@db.example/keys',
		'postgresql://user:pa#ss@db.example/keys',
		'postgresql://user:pa?ss@db.example/keys',
		'postgresql://user:12/ss@db.example/keys',
		'postgresql://user:12#ss@db.example/keys',
		'postgresql://user:12?ss@db.example/keys',
		'postgresql://user:p@ss/word@db.example/keys',
		'postgresql://user:%zz@db.example/keys',
		'postgresql://user:pa ss@db.example:x/keys',
		'postgresql://db.example/keys/more',
		'postgresql://db.example/keys#x',
		'db.example/keys',
		'mysql://db.example/keys',
	]) {
		const found = faults({LATCHKEY_DATABASE_URL: url});
		t.is(found.length, 1, url);
		t.regex(
			found[0] ?? '',
			/^LATCHKEY_DATABASE_URL: given \d+ characters; expected .*percent-encode/,
		);
	}
	for (const url of [
		'redis://:pa/ss@cache.example',
		'redis://:pa#ss@cache.example/0',
		'redis://a/b/c',
	]) {
		t.is(faults({LATCHKEY_REDIS_URL: url}).length, 1, url);
	}
});

test('a parameter that would not be heeded is refused', (t) => {
	for (const url of [
		'postgresql://db.example/keys?sslmode=require',
		'postgresql://db.example/keys?sslmode=verify-full&host=x',
		'postgresql://db.example/keys?options=-c',
	]) {
		const found = faults({LATCHKEY_DATABASE_URL: url});
		t.is(found.length, 1, url);
		t.regex(found[0] ?? '', /LATCHKEY_DATABASE_SSL/);
	}
});

test('a database is also given in parts, with TLS by name', (t) => {
	const parts = {
		LATCHKEY_DATABASE_URL: '',
		LATCHKEY_DATABASE_HOST: '/run/postgresql',
		LATCHKEY_DATABASE_PORT: '6000',
		LATCHKEY_DATABASE_NAME: 'n',
		LATCHKEY_DATABASE_USER: 'u',
		LATCHKEY_DATABASE_PASSWORD: 'p/a@s?s#%',
	};
	t.like(server(parts).database, {
		host: '/run/postgresql',
		port: 6000,
		database: 'n',
		user: 'u',
		password: 'p/a@s?s#%',
		ssl: false,
	});
	const tls = (more: Record<string, string>) => server({...parts, ...more}).database.ssl;
	t.deepEqual(tls({LATCHKEY_DATABASE_SSL: 'require'}), {rejectUnauthorized: false});
	t.deepEqual(tls({LATCHKEY_DATABASE_SSL: 'verify-full'}), {rejectUnauthorized: true});
});

test('a Redis URL is taken apart: TCP, TLS and socket', (t) => {
	const redis = (url: string) => server({LATCHKEY_REDIS_URL: url}).redis;
	t.like(redis('redis://cache.example'), {
		address: {host: 'cache.example', port: 6379},
		username: undefined,
		password: undefined,
		database: 0,
		tls: false,
	});
	t.like(redis('rediss://u:p%2F@cache.example:7000/3'), {
		address: {host: 'cache.example', port: 7000},
		username: 'u',
		password: 'p/',
		database: 3,
		tls: {rejectUnauthorized: true},
	});
	t.like(redis('unix:///run/redis/redis.sock'), {
		address: {path: '/run/redis/redis.sock'},
		database: 0,
	});
});

test('a Redis database that is not a number is refused', (t) => {
	for (const url of [
		'redis://cache.example/keys',
		'redis://cache.example/-1',
		'redis://cache.example/1.5',
	]) {
		t.is(faults({LATCHKEY_REDIS_URL: url}).length, 1, url);
	}
});

test('the bootstrap administrator comes whole or not at all', (t) => {
	const email = {LATCHKEY_BOOTSTRAP_ADMIN_EMAIL: 'a@example.com'};
	const password = {LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD: 'a long enough password'};
	t.deepEqual(server({...email, ...password}).bootstrapAdmin, {
		email: 'a@example.com',
		password: 'a long enough password',
	});
	t.deepEqual(faults(password), ['LATCHKEY_BOOTSTRAP_ADMIN_EMAIL: missing; give both or neither']);
	t.is(faults({...email, LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD: 'elevenchars'}).length, 1);
});

test('each program reads its own settings and asks for no others', (t) => {
	const {LATCHKEY_REDIS_URL: _, ...withoutRedis} = good;
	t.is(loadMigrateConfig(withoutRedis).program, 'migrate');
	t.is(loadWorkerConfig({...good, LATCHKEY_PORT: 'not for me'}).program, 'worker');
	t.is(faultsOf(() => loadWorkerConfig(withoutRedis)).length, 1);
});

test('a secret that is a file of the folder yields to the variable', (t) => {
	const other = newKey();
	t.deepEqual(texts(readMasterKeys({...good, LATCHKEY_ENCRYPTION_KEY: other})), [other]);
});

test('S-95: a list of master keys, the current one first, is read again where it is a file', async (t) => {
	const [first, second] = [newKey(), newKey()];
	const list = `${second}\n${first}`;
	t.deepEqual(texts(readMasterKeys({...good, LATCHKEY_ENCRYPTION_KEY: list})), [second, first]);
	const file = await fileWith(`${first}\n`);
	const environment = {...good, LATCHKEY_ENCRYPTION_KEY_FILE: file};
	t.deepEqual(texts(readMasterKeys(environment)), [first]);
	await writeFile(file, `${second}\r\n${first}\n`);
	t.deepEqual(texts(readMasterKeys(environment)), [second, first]);
	await writeFile(file, second.slice(1));
	t.deepEqual(faultsOf(() => readMasterKeys(environment)).length, 1);
	t.deepEqual(texts(readMasterKeys(good)), [encryptionKey]);
});

test('the folder of the databases’ passwords may be another', async (t) => {
	const folder = await mkdtemp(join(directory, 'passwords-'));
	await writeFile(join(folder, 'database_password'), 'from the folder\n');
	await writeFile(join(folder, 'redis_password'), 'from the folder, too');
	const config = server({
		LATCHKEY_DATABASE_SECRETS_DIR: folder,
		LATCHKEY_DATABASE_URL: '',
		LATCHKEY_DATABASE_HOST: 'db',
		LATCHKEY_REDIS_URL: '',
		LATCHKEY_REDIS_HOST: 'cache',
	});
	t.is(config.database.password, 'from the folder');
	t.is(config.redis.password, 'from the folder, too');
});

for (const command of ['server', 'worker', 'migrate']) {
	test(`latchkey ${command} ends with 78 and the whole report, before it does anything`, async (t) => {
		const password = 'DoNotShow/Me';
		const program = startProgram([command], {
			...good,
			LATCHKEY_DATABASE_URL: `postgresql://user:${password}@db.example/keys`,
			LATCHKEY_LOG_LEVEL: 'loud',
			LATCHKEY_PROT: '80',
		});
		t.is(await program.exited, 78);
		const report = program.output();
		t.regex(report, /^Configuration: 3 faults, nothing was started\n/);
		for (const name of ['LATCHKEY_DATABASE_URL', 'LATCHKEY_LOG_LEVEL', 'LATCHKEY_PROT']) {
			t.true(report.includes(`  - ${name}: `), report);
		}
		t.false(report.includes(password));
		t.notRegex(report, /\bat \w+.*:\d+:\d+|node:/);
	});
}
