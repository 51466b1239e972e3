import {spawn} from 'node:child_process';
import {closeSync, constants, openSync, readSync, writeFileSync} from 'node:fs';
import {appendFile, mkdtemp, rm, truncate} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import test from 'ava';
import {follow, rotate} from '../../deploy/embedded/log-files.ts';
import {keepRunning} from '../../deploy/embedded/program.ts';
import {run} from '../../deploy/embedded/run.ts';
import {createAppliance, type Appliance} from '../helpers/appliance.ts';
import {call} from '../helpers/http.ts';
import {eventually, freePort, startProgram} from '../helpers/program.ts';

let appliance: Appliance;
let directory: string;
test.before(async () => {
	directory = await mkdtemp(path.join(tmpdir(), 'log-'));
	appliance = await createAppliance();
});
test.after.always(async () => {
	await appliance.stop();
	await rm(directory, {recursive: true, force: true});
});

/** A pipe that holds 64 KB, and that nobody empties unless told to. */
async function makePipe(name: string) {
	const file = path.join(directory, name);
	await run('mkfifo', [file]);
	const fd = openSync(file, constants.O_RDWR | constants.O_NONBLOCK);
	return {
		fd,
		/** What is in it now. */
		read(): string {
			const buffer = Buffer.alloc(1024 * 1024);
			try {
				return buffer.toString('utf8', 0, readSync(fd, buffer));
			} catch {
				return '';
			}
		},
		close: () => closeSync(fd),
	};
}

/** A program of its own that logs to a descriptor; it goes on when its standard input says so. */
function startLogger(source: string, stdout: number) {
	const module = path.join(import.meta.dirname, '../../core/log.js');
	const child = spawn(
		process.execPath,
		[
			'--input-type=module',
			'--eval',
			`import {once} from 'node:events';
			import {createLog, createLineWriter} from ${JSON.stringify(module)};
			const log = createLog({program: 'test', logLevel: 'info', keyPrefix: 'hklst_'});
			const told = () => once(process.stdin, 'data');
			${source}`,
		],
		{stdio: ['pipe', stdout, 'pipe']},
	);
	let said = '';
	child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
	return {
		said: () => said,
		tell: () => child.stdin?.write('.'),
		ended: new Promise<number | null>((resolve) => child.once('close', resolve)),
	};
}

test('a pipe that nobody empties: lines are held, then lost and counted; told where they are missing', async (t) => {
	const pipe = await makePipe('stuck');
	const count = 20_000;
	const logger = startLogger(
		`for (let n = 0; n < ${count}; n++) {
			log.info({n}, 'x'.repeat(100));
			if (n % 100 === 0) await new Promise(setImmediate);
		}
		process.stderr.write('done');
		await told();
		log.info({n: ${count}}, 'again');
		process.exit(0);`,
		pipe.fd,
	);
	await eventually(() => logger.said() === 'done', {what: 'the program to go on'});
	let text = '';
	await eventually(() => {
		text += pipe.read();
		return text.includes('log lines were lost');
	});
	logger.tell();
	t.is(await logger.ended, 0);
	text += pipe.read();
	pipe.close();

	const lines = text.trimEnd().split('\n');
	const entries = lines.map((line) => JSON.parse(line) as {n?: number; count?: number});
	const numbers = entries.flatMap(({n}) => n ?? []);
	const lost = entries.reduce((sum, entry) => sum + (entry.count ?? 0), 0);
	t.true(lost > 0 && numbers.length > 1000);
	t.is(numbers.length + lost, count + 1);
	t.deepEqual(
		numbers,
		numbers.toSorted((a, b) => a - b),
	);
	// The gap is where the note stands.
	const at = entries.findIndex((entry) => entry.count !== undefined);
	t.is((entries[at + 1]?.n ?? 0) - (entries[at - 1]?.n ?? 0), lost + 1);
});

test('a program whose log goes nowhere ends all the same, at once or after a fatal line', async (t) => {
	const pipe = await makePipe('full');
	const fill = `for (let n = 0; n < 5000; n++) log.info({n}, 'x'.repeat(100));`;
	for (const end of ['process.exit(3);', `log.fatal('the end'); process.exit(3);`]) {
		t.is(await startLogger(fill + end, pipe.fd).ended, 3);
	}
	pipe.close();
	const full = openSync('/dev/full', 'w');
	t.is(await startLogger(`${fill} log.fatal('x'); process.exit(3);`, full).ended, 3);
	closeSync(full);
});

test('server and worker do their work on a full disk and behind a log that nobody takes', async (t) => {
	const port = await freePort();
	const full = openSync('/dev/full', 'w');
	const pipe = await makePipe('docker');
	// Takes nothing from the start.
	writeFileSync(pipe.fd, Buffer.alloc(65_536, '\n'));
	const env = {
		...appliance.env,
		LATCHKEY_PORT: String(port),
		LATCHKEY_BOOTSTRAP_ADMIN_EMAIL: 'admin@example.com',
		LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD: 'correct horse battery staple',
	};
	const server = startProgram(['server'], env, undefined, full);
	const workerPort = await freePort();
	const worker = startProgram(
		['worker'],
		{...appliance.env, LATCHKEY_WORKER_PORT: String(workerPort)},
		undefined,
		pipe.fd,
	);
	const url = `http://127.0.0.1:${port}`;
	const isReady = async (at: string) => (await call(at, '/readyz')).status === 200;
	await eventually(() => isReady(url), {what: 'the server to be ready'});
	await eventually(() => isReady(`http://127.0.0.1:${workerPort}`), {what: 'the worker'});
	// More lines than are held.
	const lostNow = async () => {
		const {text} = await call(url, '/metrics');
		return Number(/^latchkey_log_lines_lost (\d+)$/m.exec(text)?.[1]);
	};
	await eventually(
		async () => {
			await Promise.all(Array.from({length: 500}, () => call(url, '/api/v1/nothing')));
			return (await lostNow()) > 0;
		},
		{what: 'lines to be lost'},
	);
	t.is((await call(url, '/api/v1/keys/self')).status, 401);
	t.deepEqual(await Promise.all([server.stop(), worker.stop()]), [0, 0]);
	closeSync(full);
	pipe.close();
});

test('a program whose reader went away goes on', async (t) => {
	const port = await freePort();
	const file = path.join(directory, 'reader-gone');
	await run('mkfifo', [file]);
	const reader = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
	const writer = openSync(file, 'w');
	const server = startProgram(
		['server'],
		{...appliance.env, LATCHKEY_PORT: String(port)},
		undefined,
		writer,
	);
	closeSync(writer);
	const url = `http://127.0.0.1:${port}`;
	await eventually(async () => (await call(url, '/readyz')).status === 200);
	closeSync(reader);
	for (let n = 0; n < 3; n++) {
		t.is((await call(url, '/api/v1/keys/self')).status, 401);
		// Each time it tries to write.
		await sleep(150);
	}
	t.is(await server.stop(), 0);
});

test('what the start without Docker shows of a log goes on after the log was emptied', async (t) => {
	const file = path.join(directory, 'followed');
	await appendFile(file, 'old\n');
	const seen: string[] = [];
	const log = await follow(file, (line) => seen.push(line));
	await appendFile(file, 'one\n');
	await log.flush();
	await truncate(file, 0);
	await appendFile(file, 'two\n');
	await log.end();
	t.deepEqual(seen, ['one', 'two']);
	await t.notThrowsAsync(rotate(path.join(directory, 'none')));
});

test('where a log file cannot be opened, the program runs without', async (t) => {
	const program = await keepRunning({
		name: 'server',
		args: ['--eval', 'setInterval(() => {}, 1000)'],
		env: {},
		logFile: path.join(directory, 'no such folder', 'server.log'),
		say: () => {},
	});
	t.true((await eventually(() => program.pid)) > 0);
	await program.stop(5000, new AbortController().signal);
});
