import {parseArgs} from 'node:util';
import {put} from './commands/hand-over.ts';
import {report} from './commands/output.ts';
import {watchOutput} from './commands/watch-output.ts';
import type {Terminal} from './terminal/terminal.ts';
import {asFailure, exitCodes, Failure} from './failure.ts';
import {consoleOptions, opensConsole} from './opens-console.ts';
import {type Environment, filled} from './settings/environment.ts';
import {version} from './version.ts';

/**
 * The program `latchkey` for people and scripts: a command where one is named, else the console.
 * Answers the exit status. The console needs a terminal on both ends; without one it prints help
 * and answers 2 rather than wait for keys that nobody can press.
 */
export async function main(
	argv: readonly string[],
	environment: Environment,
	streams: Terminal = process,
): Promise<number> {
	const terminal = calledAs(streams, environment);
	watchOutput(terminal, argv.includes('--json') || argv.includes('--jsonl'));
	const [first = ''] = argv;
	if (['--version', '-v', 'version'].includes(first)) {
		try {
			put(terminal, `${version()}\n`);
			return exitCodes.done;
		} catch (error) {
			return report(asFailure(error), terminal, false);
		}
	}
	if (!opensConsole(argv)) {
		const {runCommand} = await import('./commands/run.ts');
		return runCommand(argv, environment, terminal);
	}
	try {
		const {accessible, ca: caFile, ...place} = parseConsole(argv).values;
		const target = {...place, caFile};
		if (terminal.stdin.isTTY !== true || terminal.stdout.isTTY !== true) {
			const {everyCommand} = await import('./commands/commands.ts');
			const {overview} = await import('./commands/help.ts');
			terminal.stderr.write(
				`latchkey: the console needs a terminal. Commands for scripts:\n\n${overview(await everyCommand())}\n`,
			);
			return exitCodes.usage;
		}
		const isDumb = environment['TERM'] === 'dumb';
		if (isDumb && accessible !== true) {
			terminal.stderr.write(
				'TERM=dumb: this terminal cannot draw the console. Here is the one for screen readers, as with --accessible.\n',
			);
		}
		if (isDumb || accessible === true || isAccessible(environment)) {
			const {openAccessible} = await import('./accessible.ts');
			return await openAccessible(target, environment, terminal);
		}
		const {openConsole} = await withoutFetch(() => import('./console.ts'));
		return await openConsole({target, environment, terminal});
	} catch (error) {
		return report(asFailure(error), terminal, false);
	}
}

/** How this program was started, where typing `latchkey` would not do. */
function calledAs(streams: Terminal, environment: Environment): Terminal {
	const {npm_lifecycle_event: script, npm_package_name: name} = environment;
	const byScript =
		name === 'latchkey' && script === 'console' ? 'npm run --silent console --' : undefined;
	const form = filled(environment['LATCHKEY_CALLED_AS']?.trim()) ?? byScript;
	if (form === undefined) return streams;
	const {stdout, stderr} = streams;
	return {
		// Opened only where something is read.
		get stdin() {
			return streams.stdin;
		},
		stdout,
		stderr,
		calledAs: form,
	};
}

/** ACCESSIBLE, or what Ink's own programs go by. */
function isAccessible({ACCESSIBLE, INK_SCREEN_READER}: Environment): boolean {
	return [ACCESSIBLE, INK_SCREEN_READER].some((value) => value === '1' || value === 'true');
}

/**
 * Loads something that would use `fetch` if there were one. Yoga loads its WASM so, and pulls in
 * Node's whole HTTP client: 100 ms of CPU before the first paint; without it, it decodes in place.
 */
async function withoutFetch<Loaded>(load: () => Promise<Loaded>): Promise<Loaded> {
	const fetch = Object.getOwnPropertyDescriptor(globalThis, 'fetch');
	Reflect.deleteProperty(globalThis, 'fetch');
	try {
		return await load();
	} finally {
		if (fetch !== undefined) Object.defineProperty(globalThis, 'fetch', fetch);
	}
}

function parseConsole(argv: readonly string[]) {
	try {
		return parseArgs({
			args: [...argv],
			options: consoleOptions,
			strict: true,
		});
	} catch (error) {
		throw new Failure('usage', (error as Error).message.split('. ')[0] ?? 'Not understood', {
			hint: 'See `latchkey --help`.',
		});
	}
}
