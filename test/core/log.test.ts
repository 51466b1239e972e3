import {execFile} from 'node:child_process';
import path from 'node:path';
import {Writable} from 'node:stream';
import test from 'ava';
import {createLog, createScrubber} from '../../core/log.ts';

const key = 'hklst_abcdefGHIJKL0123456789mnopqrSTUVWX0123456789yzABCD';
const jwt = 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ1c2VyIn0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg';

/** Logs one line and returns it. */
function line(write: (log: ReturnType<typeof createLog>) => void, level = 'trace'): string {
	const chunks: string[] = [];
	const destination = new Writable({
		write(chunk: Buffer, _encoding, done) {
			chunks.push(chunk.toString());
			done();
		},
	});
	write(createLog({program: 'test', logLevel: level, keyPrefix: 'hklst_'}, destination));
	return chunks.join('');
}

test('a line is JSON with level, UTC time, program and message', (t) => {
	const text = line((log) => log.info({count: 1}, 'it happened'));
	const parsed = JSON.parse(text) as Record<string, unknown>;
	t.like(parsed, {level: 'info', program: 'test', pid: process.pid, count: 1, msg: 'it happened'});
	t.regex(String(parsed['time']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
	t.true(text.endsWith('\n'));
	t.is(
		line((log) => log.debug('quiet'), 'info'),
		'',
	);
});

test('first layer: members that are named like secrets are blanked, at the top and one below', (t) => {
	for (const name of [
		'key',
		'password',
		'current_password',
		'new_password',
		'token',
		'secret',
		'authorization',
		'cookie',
		'access_token',
		'refresh_token',
		'setup_token',
		'x-api-key',
	]) {
		t.like(JSON.parse(line((log) => log.info({[name]: 'opaque'}))), {[name]: '[secret]'});
		t.like(JSON.parse(line((log) => log.info({body: {[name]: 'opaque'}}))), {
			body: {[name]: '[secret]'},
		});
	}
	t.like(JSON.parse(line((log) => log.info({key_id: 'kept', user_id: 'kept'}))), {
		key_id: 'kept',
		user_id: 'kept',
	});
});

test('second layer: credentials are blanked by their shape, wherever they stand', (t) => {
	const places: [string, (log: ReturnType<typeof createLog>, secret: string) => void][] = [
		['message', (log, secret) => log.info(`got ${secret}, refused`)],
		['formatted message', (log, secret) => log.info('got %s and %j', secret, {a: secret})],
		['member', (log, secret) => log.info({anything: secret})],
		['deep member', (log, secret) => log.info({a: {b: {c: {d: [secret]}}}})],
		['member name', (log, secret) => log.info({[secret]: 1})],
		['header list', (log, secret) => log.info({rawHeaders: ['Authorization', `Bearer ${secret}`]})],
		['header', (log, secret) => log.info({headers: {Authorization: `Bearer ${secret}`}})],
		['URL', (log, secret) => log.info({url: `/x?api_key=${secret}&a=1`})],
		['error', (log, secret) => log.error({error: new Error(`bad ${secret}`)})],
		['cause', (log, secret) => log.error({error: new Error('a', {cause: new Error(secret)})})],
		['child', (log, secret) => log.child({who: secret}).info('x')],
		['JSON in text', (log, secret) => log.info(JSON.stringify({token: secret}))],
	];
	for (const [what, write] of places) {
		for (const secret of [
			key,
			jwt,
			'hklrt_abcdefghijkl-_',
			'lkst_abcdefghijkl',
			'lksc_abcdefghijkl',
			'lkin_abcdefghijkl-_',
			'lkpw_abcdefghijkl-_',
			'whsec_abc+/def=',
		]) {
			const text = line((log) => write(log, secret));
			t.false(text.includes(secret.slice(6)), `${what}: ${text}`);
			t.true(text.includes('[secret]'), `${what}: ${text}`);
			t.notThrows(() => JSON.parse(text), what);
		}
	}
});

test('scrubbing leaves what is not a secret as it is', (t) => {
	const scrub = createScrubber('hklst_');
	for (const text of [
		'hklst_',
		'hklst_your',
		'eyJ',
		'https://user@host/path',
		'https://host:8080/path@x',
		'key_id 7d9f6f5e-3b1c-4b53-8a7e-2f8f9e0c1d2b',
		'{"level":"info","msg":"request"}',
	]) {
		t.is(scrub(text), text);
	}
	t.is(scrub(`a ${key} b ${key} c`), 'a [secret] b [secret] c');
	t.is(scrub(`cut off ${key.slice(0, 20)}`), 'cut off [secret]');
	t.is(scrub(key.replace('_', '%5F')), '[secret]');
	t.is(scrub(`Bearer ${jwt}`), 'Bearer [secret]');
	t.is(scrub(jwt.slice(0, 30)), '[secret]');
	t.is(scrub('postgresql://user:p%40ss@host/db'), 'postgresql://[secret]@host/db');
	t.is(scrub('redis://:secret@host'), 'redis://[secret]@host');
	t.is(createScrubber('acme_')('acme_abcdefgh hklst_abcdefgh'), '[secret] hklst_abcdefgh');
});

test('of an error of the database only what names the fault is kept', (t) => {
	const error = Object.assign(
		new Error("insert into users (email) values ('a@example.com') - duplicate key"),
		{
			code: '23505',
			severity: 'ERROR',
			detail: 'Key (email)=(a@example.com) already exists.',
			constraint: 'users_email_key',
			where: 'somewhere a@example.com',
		},
	);
	const text = line((log) => log.error({error}, 'a request failed'));
	t.false(text.includes('a@example.com'));
	t.false(text.includes('insert into'));
	const {error: logged} = JSON.parse(text) as {error: Record<string, string>};
	t.like(logged, {
		type: 'Error',
		code: '23505',
		message: 'database error 23505',
		constraint: 'users_email_key',
	});
	t.regex(logged['stack'] ?? '', /^\s+at .*log\.test/);
});

test('what is thrown without being an error is not written', (t) => {
	t.like(JSON.parse(line((log) => log.error({error: `thrown ${key}`}))), {error: {type: 'string'}});
	t.like(JSON.parse(line((log) => log.error({error: {password: 'x'}}))), {error: {type: 'object'}});
});

/** Runs a program of its own that has a log, and returns all it wrote to standard output. */
function outputOf(program: string): Promise<string> {
	const module = path.join(import.meta.dirname, '../../core/log.js');
	const source = `
		import {createLog, createLineWriter} from ${JSON.stringify(module)};
		const log = createLog({program: 'test', logLevel: 'info', keyPrefix: 'hklst_'});
		const write = createLineWriter(log, 'info');
		${program}`;
	return new Promise((resolve, reject) => {
		const child = execFile(
			process.execPath,
			['--input-type=module', '--eval', source],
			{maxBuffer: 64 * 1024 ** 2},
			(_error, stdout) => resolve(stdout),
		);
		child.once('error', reject);
	});
}

const numbers = (output: string) =>
	output
		.trimEnd()
		.split('\n')
		.map((text) => (JSON.parse(text) as {n: number}).n);
const upTo = (count: number) => Array.from({length: count}, (_, n) => n);

test('every line is written, in order, however the program ends', async (t) => {
	// More than one piece, and no more than a pipe holds: a reader that is slow would lose the rest.
	const many = `for (let n = 0; n < 400; n++) n % 2 ? write('"n":' + n + ',"msg":"日本"') : log.info({n}, 'é');`;
	for (const end of ['', 'process.exit(3);', 'throw new Error("unexpected");']) {
		t.deepEqual(numbers(await outputOf(many + end)), upTo(400), end);
	}
	const fatal =
		'log.info({n: 0}); write(\'"n":1\'); log.fatal({n: 2}); process.kill(process.pid, "SIGKILL");';
	t.deepEqual(numbers(await outputOf(fatal)), upTo(3));
});

test('a line does not wait for others to come', async (t) => {
	const killedLater =
		'log.info({n: 0}); setTimeout(() => process.kill(process.pid, "SIGKILL"), 2000);';
	t.deepEqual(numbers(await outputOf(killedLater)), [0]);
});
