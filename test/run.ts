import {spawn} from 'node:child_process';
import {chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {createInterface} from 'node:readline';
import pg from 'pg';
import {cacheDirectory, socketParent} from '../deploy/embedded/directories.ts';
import {postgresUser} from '../deploy/embedded/os-user.ts';
import {installPostgres} from '../deploy/embedded/postgres/runtime.ts';
import {startPostgres} from '../deploy/embedded/postgres/postgres.ts';
import {findProcesses, identify, isAlive, stopProcess} from '../deploy/embedded/processes.ts';
import {findRedis} from '../deploy/embedded/redis/program.ts';
import type {TestServices} from './helpers/environment.ts';
import {exchangesFolder} from './helpers/openapi/recorder.ts';
import {checkExchanges} from './helpers/openapi/exchanges.ts';
import {databaseConfig, migrateDatabase} from './helpers/migrate.ts';
import {filesToTryAgain, withSecondTry} from './helpers/second-try.ts';
import {inShort, tapReader} from './helpers/tap.ts';
import type {TestOutcome} from './helpers/tap.ts';

/*
`npm test`: a PostgreSQL and a Redis program for the test files, ava over them, and a count at the end. Arguments go to ava: npm test -- test/deploy/secrets.test.ts
*/

const projectDirectory = path.join(import.meta.dirname, '..', '..');
const folderPrefix = 'latchkey-test-';
const template = 'latchkey_template';

/** ava 8.1's TAP reporter dies of a test that hangs or calls process.exit(), as it expects an error to carry its `originalError`. In the reporter's process, let errors that do not be their own. */
const reporterFix = `
	if (process.argv[1]?.endsWith('cli.js')) {
		Object.defineProperty(Error.prototype, 'originalError', {
			configurable: true,
			get() { return this; },
			set(value) { Object.defineProperty(this, 'originalError', {value, writable: true, enumerable: true, configurable: true}); },
		});
	}`;

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
	process.on(signal, () => interrupted.abort());
}

let outcomes: TestOutcome[] = [];
/** How those failed that passed when they were run again. */
const passedAlone: TestOutcome[] = [];
const directory = await makeRunDirectory();
try {
	const services = await prepare();
	const chosen = process.argv.slice(2);
	await runAva(services, chosen, outcomes);
	// Whoever chooses what is run wants to see each failure.
	if (chosen.length === 0) await tryAgain(services);
	const isWhole = chosen.length === 0 && !interrupted.signal.aborted;
	outcomes.push(...(await checkExchanges(directory, projectDirectory, {isWhole})));
} catch (error) {
	const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
	outcomes.push({title: 'the run itself', passed: false, detail: text.split('\n')});
} finally {
	await cleanUp(directory);
}

process.exit(summarise());

/** A folder for everything of this run. It is also everybody's TMPDIR: by that the processes of the run are known. */
async function makeRunDirectory() {
	await clearKilledRuns();
	const folder = await mkdtemp(path.join(socketParent(), folderPrefix));
	// The user who runs PostgreSQL passes through.
	await chmod(folder, 0o711);
	await mkdir(path.join(folder, exchangesFolder));
	await writeFile(path.join(folder, 'runner.json'), JSON.stringify(await identify(process.pid)));
	process.env['TMPDIR'] = folder;
	// Some 600 processes load the same thousand modules: compiled once, that is 0.1 s less of CPU for each.
	process.env['NODE_COMPILE_CACHE'] = path.join(folder, 'compile-cache');
	return folder;
}

/** Programs, one cluster for all test files, and the migrated database that they clone. */
async function prepare(): Promise<TestServices> {
	const user = await postgresUser();
	const cache = await cacheDirectory(path.join(projectDirectory, 'node_modules/.cache/latchkey'));
	const mayDownload = !['1', 'true'].includes(process.env['LATCHKEY_NO_DOWNLOAD'] ?? '');
	const home = path.join(directory, 'postgres');
	await mkdir(home, {mode: 0o711});

	const [redisProgram, {runtime, postgres}] = await Promise.all([
		findRedis(cache, {
			download: mayDownload,
			announce: (text) => console.log(`Redis: ${text}`),
			signal: interrupted.signal,
		}),
		installPostgres(cache, user).then(async (runtime) => ({
			runtime,
			postgres: await startPostgres({
				runtime,
				directory: home,
				user,
				durable: false,
				initdbCache: cache,
				logFile: path.join(directory, 'postgresql.log'),
			}),
		})),
	]);

	const admin = new pg.Client({
		host: postgres.host,
		port: postgres.port,
		user: postgres.adminUser,
		database: 'postgres',
	});
	await admin.connect();
	await admin.query(`CREATE DATABASE ${template} OWNER ${postgres.owner}`);
	await admin.end();
	const {host, port, adminUser, user: application, owner} = postgres;
	await migrateDatabase(databaseConfig({host, port, user: owner}, template), application);

	return {
		directory,
		cache,
		mayDownload,
		runtime,
		redisProgram,
		postgresUser: user,
		postgres: {host, port, adminUser, user: application, owner, template},
	};
}

/** Runs `files`, or all, and adds what comes of it to `told`, as it comes. */
async function runAva(services: TestServices, files: readonly string[], told: TestOutcome[]) {
	const ava = spawn(
		process.execPath,
		[
			`--import=data:text/javascript,${encodeURIComponent(reporterFix)}`,
			'node_modules/ava/entrypoints/cli.js',
			'--tap',
			...files,
		],
		{
			cwd: projectDirectory,
			env: {...withoutLatchkey(process.env), TEST_SERVICES: JSON.stringify(services)},
			stdio: ['ignore', 'pipe', 'inherit'],
		},
	);
	const stop = () => ava.kill('SIGTERM');
	interrupted.signal.addEventListener('abort', stop, {once: true});
	if (interrupted.signal.aborted) {
		stop();
	}

	const ended = Promise.withResolvers<string>();
	ava.once('error', ended.reject);
	ava.once('close', (code, signal) => ended.resolve(signal ?? `code ${code}`));

	let failures: number | undefined;
	const read = tapReader({
		onOutcome(outcome) {
			told.push(outcome);
			console.log(`${outcome.passed ? 'ok  ' : 'FAIL'} ${outcome.title}`);
		},
		// Figures of the fault tests, and what could not be tried here.
		onLogged: (line) => console.log(`     ${line}`),
		onOther: console.log,
		onSummary: (count) => (failures = count),
	});
	for await (const line of createInterface({input: ava.stdout})) {
		read(line);
	}

	const end = await ended.promise;
	const failed = told.filter(({passed}) => !passed).length;
	if (failures === undefined || (end !== 'code 0' && failures === 0 && failed === 0)) {
		const title =
			failures === 0 ? 'no test ran: no file matched' : `ava itself (ended with ${end})`;
		told.push({title, passed: false, detail: []});
	}

	for (let missing = (failures ?? 0) - failed; missing > 0; missing--) {
		told.push({title: 'a test that never ended', passed: false, detail: []});
	}
}

/** What failed in the crowd is run again, file by file, with the machine to itself. */
async function tryAgain(services: TestServices) {
	const before = outcomes.filter(({passed}) => !passed);
	for (const file of filesToTryAgain(outcomes, projectDirectory)) {
		if (interrupted.signal.aborted) return;
		console.log(`\nagain, alone: ${file}`);
		const second: TestOutcome[] = [];
		await runAva(services, [file], second);
		outcomes = withSecondTry(outcomes, file, second);
	}
	passedAlone.push(...before.filter((outcome) => !outcomes.includes(outcome)));
}

/** The operator's own settings must not reach into the tests. */
function withoutLatchkey(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
	return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('LATCHKEY_')));
}

/** @returns the exit code. */
function summarise() {
	const failures = outcomes.filter(({passed}) => !passed);
	const told = [
		...passedAlone.map((outcome) => ({...outcome, title: `${outcome.title} (passed alone)`})),
		...failures,
	];
	for (const {title, detail} of told) {
		console.log(`\n──── FAIL ${title}`);
		console.log(detail.join('\n'));
	}
	if (told.length > 0) {
		// The end of a log is what is left where somebody cuts it.
		console.log('\n──── What failed, in short');
		for (const {title, detail} of told)
			console.log([`FAIL ${title}`, ...inShort(detail)].join('\n'));
	}

	if (interrupted.signal.aborted) {
		console.log('\nInterrupted.');
	}

	const passed = outcomes.length - failures.length;
	if (passedAlone.length > 0) {
		console.log(
			`\n${passedAlone.length} failed beside the others and passed when run again, alone.`,
		);
	}
	console.log(`\n${passed} passed, ${failures.length} failed`);
	return failures.length > 0 || passed === 0 || interrupted.signal.aborted ? 1 : 0;
}

/** Ends whatever the run has left running, then removes its folder. */
async function cleanUp(folder: string) {
	const left = await findProcesses(
		({directory: cwd, environment, args}) =>
			cwd === folder ||
			cwd.startsWith(`${folder}/`) ||
			environment.includes(`TMPDIR=${folder}`) ||
			args.some((argument) => argument.includes(`${folder}/`)),
	);
	await Promise.all(
		left.map(async (one) =>
			stopProcess(one, [
				// A killed PostgreSQL would leave its shared memory behind.
				...(one.program.endsWith('/postgres') ? [{signal: 'SIGINT', withinMs: 3000} as const] : []),
				{signal: 'SIGKILL', withinMs: 5000},
			]),
		),
	);
	await rm(folder, {recursive: true, force: true, maxRetries: 5});
}

/** After a kill -9 of an earlier run its processes and folder are still there. */
async function clearKilledRuns() {
	for (const name of await readdir(socketParent())) {
		const folder = path.join(socketParent(), name);
		const isOurs = name.startsWith(folderPrefix) && (await ownedByUs(folder));
		if (!isOurs) {
			continue;
		}

		const runner = await readFile(path.join(folder, 'runner.json'), 'utf8').catch(() => undefined);
		if (runner && !(await isAlive(JSON.parse(runner)))) {
			await cleanUp(folder);
		}
	}
}

async function ownedByUs(folder: string) {
	return stat(folder).then(
		({uid}) => uid === process.geteuid?.(),
		() => false,
	);
}
