import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, readFile, stat} from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import {createInterface} from 'node:readline';
import test from 'ava';
import {findProcesses} from '../../deploy/embedded/processes.ts';
import {testServices} from '../helpers/environment.ts';

const launcher = path.join(import.meta.dirname, '..', '..', 'bundle', 'start.js');
const operate = path.join(import.meta.dirname, '..', '..', 'deploy', 'operate.js');

type Launch = {
	/** Resolves when a line matches; rejects when the output ends without. */
	said: (pattern: RegExp) => Promise<string>;
	/** All that was said until the end, and the exit code. */
	ended: Promise<{output: string; code: number | null}>;
	kill: (signal: NodeJS.Signals) => void;
};

/** Runs `npm start`'s program, or `npm run operate`'s. */
function launch(env: Record<string, string>, script = launcher, args: string[] = []): Launch {
	const child = spawn(process.execPath, [script, ...args], {
		env: {PATH: process.env['PATH'], TMPDIR: process.env['TMPDIR'], ...env},
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const exit = once(child, 'exit');
	let output = '';
	const waiting = new Set<{
		pattern: RegExp;
		found: (line: string) => void;
		failed: (error: Error) => void;
	}>();
	const lines = createInterface({input: child.stdout});
	lines.on('line', (line) => {
		output += `${line}\n`;
		for (const one of waiting) {
			if (one.pattern.test(line)) {
				one.found(line);
			}
		}
	});
	lines.on('close', () =>
		waiting.forEach((one) => one.failed(new Error(`It only said:\n${output}`))),
	);

	return {
		async said(pattern) {
			const already = output.split('\n').find((line) => pattern.test(line));
			if (already !== undefined) {
				return already;
			}

			const {promise, resolve, reject} = Promise.withResolvers<string>();
			waiting.add({pattern, found: resolve, failed: reject});
			return promise;
		},
		ended: Promise.all([exit, once(lines, 'close')]).then(([[code]]) => ({output, code})),
		kill: (signal) => child.kill(signal),
	};
}

async function freePort() {
	const server = net.createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	server.close();
	return String(typeof address === 'object' ? address?.port : '');
}

const setUpOn = (port: string, token: string) =>
	fetch(`http://127.0.0.1:${port}/api/v1/setup`, {
		method: 'POST',
		headers: {'Content-Type': 'application/json', 'Latchkey-Setup-Token': token.trim()},
		body: JSON.stringify({email: 'first@example.com', password: 'a long enough password'}),
	});

test('starts from nothing, survives kill -9 of everything, and stops without a trace', async (t) => {
	t.timeout(120_000);
	const directory = path.join(await mkdtemp(path.join(testServices().directory, 'start-')), 'data');
	const env = {LATCHKEY_DATA_DIR: directory, LATCHKEY_PORT: await freePort()};
	const first = launch(env);
	await first.said(/Latchkey is ready/);
	await first.said(/make the first administrator/);
	t.is((await stat(directory)).mode & 0o707, 0o700, 'nobody else looks into the data directory');

	const token = await readFile(path.join(directory, 'secrets', 'setup_token'), 'utf8');
	t.is((await setUpOn(env.LATCHKEY_PORT, token)).status, 201);

	const rotated = await launch(env, operate, ['secrets', 'rotate', '--signing-keys']).ended;
	t.is(rotated.code, 0, rotated.output);
	t.regex(rotated.output, /^access_token: key [\w-]{43} signs from/m);

	const rival = await launch(env).ended;
	t.is(rival.code, 78);
	t.regex(rival.output, /Latchkey runs already on .*process \d+/);

	// The launcher with all that it started, in the worst moment.
	first.kill('SIGKILL');
	const said = (await first.ended).output;
	t.false(said.includes(token.trim()), 'the setup token is never printed');
	const left = await findProcesses(({args}) => args.includes(path.join(directory, 'redis')));
	t.is(left.length, 1, 'Redis lives on');
	process.kill(left[0]?.pid ?? 0, 'SIGKILL');

	const second = launch(env);
	await second.said(/stopped what a killed start had left: .*(?:server|worker)/);
	await second.said(/PostgreSQL .*adopted/);
	await second.said(/Latchkey is ready/);
	await second.said(/Log in/);
	second.kill('SIGINT');
	t.is((await second.ended).code, 0);

	const remaining = await findProcesses(
		({args, environment}) =>
			args.some((argument) => argument.startsWith(directory)) ||
			environment.includes(`LATCHKEY_SECRETS_DIR=${path.join(directory, 'secrets')}`),
	);
	t.deepEqual(remaining, []);
});

test('what can be done at the machine is listed, also where nothing runs', async (t) => {
	const directory = await mkdtemp(path.join(testServices().directory, 'start-'));
	for (const args of [[], ['--help']]) {
		const {code, output} = await launch({LATCHKEY_DATA_DIR: directory}, operate, args).ended;
		t.is(code, 0);
		t.regex(output, /^ {2}admin recover {4}let in again/m);
	}
});

test('a command at the machine where nothing runs is told so', async (t) => {
	const directory = await mkdtemp(path.join(testServices().directory, 'start-'));
	const command = spawn(process.execPath, [operate, 'secrets', 'rotate', '--audit-key'], {
		env: {PATH: process.env['PATH'], LATCHKEY_DATA_DIR: directory},
		stdio: ['ignore', 'ignore', 'pipe'],
	});
	const [text, [code]] = await Promise.all([command.stderr.toArray(), once(command, 'exit')]);
	t.is(code, 78);
	t.true(Buffer.concat(text).toString().includes(`Nothing runs on ${directory}: start it first`));
});

test('every fault of its settings is told at once, and nothing is started', async (t) => {
	const {code, output} = await launch({
		LATCHKEY_PROT: '1',
		LATCHKEY_PORT: 'abc',
		LATCHKEY_NO_DOWNLOAD: 'maybe',
	}).ended;
	t.is(code, 78);
	t.regex(output, /LATCHKEY_PROT: .*LATCHKEY_PORT/);
	t.regex(output, /LATCHKEY_PORT: given "abc"/);
	t.regex(output, /LATCHKEY_NO_DOWNLOAD: given "maybe"/);
});

test('what the programs would refuse is told before anything is started for them', async (t) => {
	const directory = await mkdtemp(path.join(testServices().directory, 'start-'));
	const {code, output} = await launch({
		LATCHKEY_DATA_DIR: directory,
		LATCHKEY_PORT: await freePort(),
		LATCHKEY_KEY_PREFIX: 'BAD',
		LATCHKEY_CLOCK_SKEW_SECONDS: '9999',
	}).ended;
	t.is(code, 78);
	t.regex(output, /LATCHKEY_KEY_PREFIX: given "BAD"/);
	t.regex(output, /LATCHKEY_CLOCK_SKEW_SECONDS: given "9999"/);
	t.notRegex(output, /PostgreSQL/);
});

test('a port in use is said plainly', async (t) => {
	const server = net.createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	const port = String(typeof address === 'object' ? address?.port : '');
	const directory = await mkdtemp(path.join(testServices().directory, 'start-'));
	const {code, output} = await launch({LATCHKEY_DATA_DIR: directory, LATCHKEY_PORT: port}).ended;
	server.close();
	t.is(code, 78);
	t.regex(output, new RegExp(`Port ${port} on 127.0.0.1 is in use`));
});
