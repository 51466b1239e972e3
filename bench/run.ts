import {mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {runToEnd} from '../deploy/embedded/program.ts';
import {call} from '../test/helpers/http.ts';
import {freePort} from '../test/helpers/program.ts';
import {createCleanUp} from './clean-up.ts';
import {createFixture, type Fixture} from './fixture.ts';
import {startLoad} from './load/start.ts';
import {countCores, machineFacts} from './machine.ts';
import {readOptions, usage, UsageError, type Options} from './options.ts';
import {pin, pinBench} from './pinning.ts';
import {startProgram, type Program} from './program.ts';
import {makeRunDirectory, startServices} from './services.ts';
import {faults, summarise, table} from './summary.ts';
import {measureThroughput} from './throughput.ts';

/*
`npm run bench`: the production build on a PostgreSQL and a Redis of its own, measured beside bare
Koa. Exits 0 when every request was answered as it should be, 1 when not, 2 for a wrong command
line, 130 when interrupted. bench/README.md says how to read what it prints.
*/

const projectDirectory = path.join(import.meta.dirname, '..', '..');
const latchkey = path.join(import.meta.dirname, '..', 'deploy', 'latchkey.js');

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
	process.on(signal, () => interrupted.abort());
}
const {signal} = interrupted;
const cleanUp = createCleanUp();
process.exitCode = await main();

async function main(): Promise<number> {
	let exitCode: number;
	try {
		const defaultOutput = path.join(projectDirectory, 'bench', 'result.json');
		const options = readOptions(process.argv.slice(2), defaultOutput);
		if (options === undefined) {
			console.log(usage);
			return 0;
		}
		exitCode = (await bench(options)) ? 0 : 1;
	} catch (error) {
		if (error instanceof UsageError) {
			console.error(`${error.message}\n\n${usage}`);
			return 2;
		}
		if (!signal.aborted) console.error(error instanceof Error ? error.message : error);
		exitCode = 1;
	}
	for (const fault of await cleanUp.run()) {
		if (signal.aborted) continue;
		console.error(fault instanceof Error ? fault.message : fault);
		exitCode = 1;
	}
	if (!signal.aborted) return exitCode;
	console.error('Interrupted; everything is stopped.');
	return 130;
}

/** @returns whether every request was answered as it should be */
async function bench(options: Options): Promise<boolean> {
	const cores = countCores();
	const pinning = await pinBench();
	console.log(
		pinning === undefined
			? `${cores} cores; nothing is pinned: taskset is not to be had, or there is one core only.`
			: `${cores} cores; the server that is measured has core ${pinning.server}, load, PostgreSQL, Redis and worker have core ${pinning.others}.`,
	);

	const directory = await makeRunDirectory(cleanUp);
	const services = await startServices(directory, projectDirectory, cleanUp, signal);
	signal.throwIfAborted();
	const start = (
		name: string,
		args: readonly string[],
		env: Record<string, string>,
		at: {port: number; readyPath: string},
	) => {
		const logFile = path.join(directory, `${name}.log`);
		return startProgram({name, args, env, logFile, ...at}, cleanUp, signal);
	};
	const {env} = services;
	await runToEnd(
		{
			name: 'migrate',
			args: [latchkey, 'migrate'],
			env: {PATH: process.env['PATH'], NODE_ENV: 'production', ...env},
			logFile: path.join(directory, 'migrate.log'),
		},
		signal,
	);
	const fixture = await createFixture(services.database, options.keys);

	const [serverPort, workerPort, barePort] = [
		await freePort(),
		await freePort(),
		await freePort(),
	] as const;
	await start(
		'worker',
		[latchkey, 'worker'],
		{...env, LATCHKEY_WORKER_PORT: String(workerPort)},
		{port: workerPort, readyPath: '/readyz'},
	);
	const server = await start(
		'server',
		[...profileArguments(options), latchkey, 'server'],
		{...env, LATCHKEY_PORT: String(serverPort)},
		{port: serverPort, readyPath: '/readyz'},
	);
	const {path: sourcePath, text: answer} = await oneAnswer(server, fixture);
	const bareKoa = await start(
		'bare Koa',
		[fileURLToPath(import.meta.resolve('./bare-koa.js')), String(barePort), answer],
		{},
		{port: barePort, readyPath: sourcePath},
	);
	if (pinning !== undefined) {
		await pin(server.pid, pinning.server);
		await pin(bareKoa.pid, pinning.server);
	}

	const load = startLoad();
	cleanUp.add(load.stop);
	console.log(
		`${options.keys} keys, ${options.connections} connections, ${options.rounds} rounds of ${options.seconds} s each.\n`,
	);
	const series = await measureThroughput({
		options,
		fixture,
		programs: {server, 'bare-koa': bareKoa},
		load,
		directory,
		say: console.log,
		signal,
	});

	const rows = summarise(series);
	console.log(`\n${table(rows)}\n`);
	const {rounds, seconds, warmupSeconds, keys, connections} = options;
	const result = {
		machine: await machineFacts(projectDirectory, cores, pinning, services),
		options: {rounds, seconds, warmupSeconds, keys, connections},
		throughput: rows,
	};
	await mkdir(path.dirname(options.output), {recursive: true});
	await writeFile(options.output, `${JSON.stringify(result, undefined, '\t')}\n`);

	const wrong = faults(series);
	if (wrong.length > 0) console.error(wrong.join('\n'));
	return wrong.length === 0;
}

/** What the server answers to a known key: bare Koa answers the same bytes. */
async function oneAnswer(server: Program, fixture: Fixture) {
	const [key] = fixture.known;
	if (key === undefined) throw new Error('no keys');
	const sourcePath = `/api/v1/sources/${key.sourceId}`;
	const url = `http://127.0.0.1:${server.port}`;
	const {status, text} = await call(url, sourcePath, {bearer: key.text});
	if (status !== 200) throw new Error(`the server answered ${status} to a known key: ${text}`);
	return {path: sourcePath, text};
}

function profileArguments({profile}: Options): string[] {
	return profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
}
