import {hash} from 'node:crypto';
import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {call} from '../test/helpers/http.ts';
import {freePort} from '../test/helpers/program.ts';
import {startOnPty} from '../test/helpers/pty.ts';
import {findTool} from '../test/helpers/tools.ts';
import {prepareBalancer} from './balancer.ts';
import type {CleanUp} from './clean-up.ts';
import type {PresentedKey} from './fixture.ts';
import {startLoad} from './load/start.ts';
import {pin, type Pinning} from './pinning.ts';
import {startProgram, type Program} from './program.ts';
import type {Bench} from './scenario.ts';
import {find, type Target} from './targets.ts';
import {writeRequests} from './turns.ts';

export const latchkey = path.join(import.meta.dirname, '..', 'bundle', 'latchkey.js');

const sourceTarget = find('get-source');
const selfTarget = find('self');
const verifyTarget = find('verify');

type Given = Pick<
	Bench,
	'options' | 'fixture' | 'services' | 'pinning' | 'otherVersion' | 'directory' | 'signal'
> & {cleanUp: CleanUp};

/** What a scenario works with; all it starts goes into `cleanUp`. */
export function createBench({cleanUp, ...given}: Given): Bench {
	const {options, fixture, services, pinning, directory, signal} = given;

	const start = async (
		name: string,
		args: readonly string[],
		env: Record<string, string>,
		at: {port: number; readyPath: string},
	) => {
		const logFile = path.join(directory, `${name}-${at.port}.log`);
		return startProgram({name, args, env, logFile, ...at}, cleanUp, signal);
	};
	const load = () => {
		const started = startLoad();
		cleanUp.add(started.stop);
		return started;
	};

	const answered = (server: Program) => (target: Target) =>
		oneAnswer(server, target, fixture.known);
	/** What the server is compared with: `script` is the address of its file. */
	const startBare = async (
		script: string,
		readyPath: string,
		answers: readonly {text: string}[],
		more: readonly string[] = [],
	) => {
		const port = await freePort();
		const file = fileURLToPath(script);
		const args = [file, String(port), ...more, ...answers.map(({text}) => text)];
		const program = await start(path.basename(file, '.js'), args, {}, {port, readyPath});
		if (pinning !== undefined) await pin(program.pid, pinning.server);
		return program;
	};

	return {
		...given,
		say: console.log,
		async startServer({version, cores = 'one', env = {}, heapFile} = {}) {
			const port = await freePort();
			const server = await start(
				version === undefined ? 'server' : `server of ${version.name}`,
				[
					// As `npm start` does: its programs run with the launcher's flags.
					...process.execArgv,
					...profileArguments(options.profile),
					...(heapFile === undefined ? [] : ['--import', import.meta.resolve('./heap-facts.js')]),
					version?.latchkey ?? latchkey,
					'server',
				],
				{
					...services.env,
					...services.serverEnv,
					...env,
					...(heapFile === undefined ? {} : {BENCH_HEAP_FILE: heapFile}),
					LATCHKEY_PORT: String(port),
				},
				{port, readyPath: '/readyz'},
			);
			if (pinning !== undefined) {
				await pin(server.pid, cores === 'one' ? pinning.server : allCores(pinning));
			}
			return server;
		},
		async startWorker({cores, env = {}} = {}) {
			const port = await freePort();
			const worker = await start(
				'worker',
				[...process.execArgv, ...profileArguments(options.profile), latchkey, 'worker'],
				{...services.env, ...env, LATCHKEY_WORKER_PORT: String(port)},
				{port, readyPath: '/readyz'},
			);
			if (pinning !== undefined && cores === 'all') {
				await pin(worker.pid, allCores(pinning));
			}
			return worker;
		},
		async startBalancer(server) {
			const {cache, download: mayDownload} = services;
			const found = /^v?2\.([6-9]|\d\d)\./m;
			const tool = await findTool('caddy', ['version'], found, {kept: {cache, mayDownload}});
			if (tool === undefined) return undefined;
			const port = await freePort();
			const {args, env} = await prepareBalancer(directory, port, server);
			const options = {
				name: 'balancer',
				file: tool.file,
				args,
				env: {...(tool.env as Record<string, string>), ...env},
				logFile: path.join(directory, `balancer-${port}.log`),
				port,
				readyPath: '/readyz',
			};
			return startProgram(options, cleanUp, signal);
		},
		startConsole(env) {
			// As in the image, and with `npm run console`.
			const args = [...process.execArgv, ...profileArguments(options.profile), latchkey];
			const screen =
				pinning === undefined
					? startOnPty(process.execPath, args, {env})
					: startOnPty('taskset', ['--cpu-list', allCores(pinning), process.execPath, ...args], {
							env,
						});
			cleanUp.add(async () => {
				if (!screen.hasExited()) screen.kill('SIGTERM');
				await screen.exited;
			});
			return screen;
		},
		async startBareKoa(server) {
			const answers = await Promise.all([sourceTarget, verifyTarget].map(answered(server)));
			const script = import.meta.resolve('./bare-koa.js');
			return startBare(script, answers[0]?.path ?? '', answers);
		},
		async startBareNode(server, keys) {
			const answers = await Promise.all([selfTarget, verifyTarget].map(answered(server)));
			const file = path.join(directory, 'hashes');
			await writeFile(file, keys.map(({text}) => hash('sha256', text)).join('\n'), {mode: 0o600});
			return startBare(import.meta.resolve('./bare-node.js'), '/readyz', answers, [file]);
		},
		startLoad: load,
		async useOnce({program, target, keys, connections}) {
			const once = load();
			return once.measure(
				{
					port: program.port,
					requestsFile: await writeRequests(directory, 'once', {target, keys}),
					status: target.status,
					connections,
					choice: 'once',
					warmupMs: 0,
					measureMs: 0,
					serverPid: program.pid,
				},
				signal,
			);
		},
	};
}

function allCores({server, others}: Pinning): string {
	return `${server},${others}`;
}

/** What the server answers to a known key: bare Koa answers the same bytes. */
async function oneAnswer(server: Program, target: Target, [key]: readonly PresentedKey[]) {
	if (key === undefined) throw new Error('no keys');
	const path = target.path(key);
	const options = {bearer: key.text, body: target.body?.(key, [key])};
	const {status, text} = await call(`http://127.0.0.1:${server.port}`, path, options);
	if (status !== target.status) {
		throw new Error(`the server answered ${status} to a known key: ${text}`);
	}
	return {path, text};
}

function profileArguments(folder: string | undefined): string[] {
	return folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`];
}
