import {parseArgs} from 'node:util';
import {createClient} from '../client.ts';
import {asFailure, exitCodes, Failure} from '../failure.ts';
import {createSession} from '../session/session.ts';
import {type Environment, isReadOnly, resolveSettings} from '../settings.ts';
import {clean} from '../text/clean.ts';
import {type Command, commonOptions, type Flags, textFlag} from './command.ts';
import {commands} from './commands.ts';
import {commandHelp, overview} from './help.ts';
import {createOutput, report} from './output.ts';
import {Interrupted, type Terminal} from './terminal.ts';

/** Runs one scripting command; answers its exit status and never throws. */
export async function runCommand(
	argv: readonly string[],
	environment: Environment,
	terminal: Terminal,
): Promise<number> {
	const asJson = argv.includes('--json');
	try {
		const command = commands.find(({path}) => path.every((word, index) => argv[index] === word));
		if (command === undefined) return unknown(argv, terminal);
		const {flags, positionals} = parse(command, argv.slice(command.path.length));
		if (flags['help'] === true) {
			terminal.stdout.write(`${commandHelp(command)}\n`);
			return exitCodes.done;
		}
		return await runParsed(command, flags, positionals, environment, terminal);
	} catch (error) {
		if (error instanceof Interrupted) return exitCodes.interrupted;
		return report(asFailure(error), terminal, asJson);
	}
}

async function runParsed(
	command: Command,
	flags: Flags,
	positionals: readonly string[],
	environment: Environment,
	terminal: Terminal,
): Promise<number> {
	if (command.changes === true && isReadOnly(environment)) {
		throw new Failure('usage', 'LATCHKEY_READONLY is set: nothing is changed from here');
	}
	const target = {url: textFlag(flags, 'url'), insecure: flags['insecure'] === true};
	const settings = resolveSettings(target, environment, 'required');
	const session = createSession(settings.keeping, {machine: settings.machine});
	const client = createClient({url: settings.url, session, caFile: settings.caFile});
	const output = createOutput(terminal, flags['quiet'] === true);
	try {
		return await command.run({
			client,
			session,
			settings,
			environment,
			terminal,
			output,
			flags,
			positionals,
			now: Date.now(),
		});
	} finally {
		client.close();
	}
}

function parse(command: Command, args: string[]): {flags: Flags; positionals: string[]} {
	const options = {...command.options, ...commonOptions};
	try {
		const {values, positionals} = parseArgs({
			args,
			options,
			strict: true,
			allowPositionals: command.arguments !== undefined,
		});
		return {flags: values as Flags, positionals};
	} catch (error) {
		const [sentence] = (error as Error).message.split('. ');
		throw new Failure('usage', sentence ?? 'The command line is not understood', {
			hint: `See \`latchkey ${command.path.join(' ')} --help\`.`,
		});
	}
}

function unknown(argv: readonly string[], terminal: Terminal): number {
	const nouns = new Set(commands.map(({path}) => path[0]));
	const [noun = ''] = argv;
	const helpAsked = argv.includes('--help') || argv.includes('-h') || noun === 'help';
	const text = overview(commands, nouns.has(noun) ? noun : undefined);
	if (helpAsked && (noun.startsWith('-') || noun === 'help' || nouns.has(noun))) {
		terminal.stdout.write(`${text}\n`);
		return exitCodes.done;
	}
	const words = argv.filter((word) => !word.startsWith('-')).slice(0, 2);
	const reason = nouns.has(noun)
		? `latchkey ${noun} needs one of: ${verbsOf(noun).join(', ')}`
		: `There is no command ${clean(words.join(' '))}`;
	throw new Failure('usage', reason, {hint: 'See `latchkey --help`.'});
}

function verbsOf(noun: string): string[] {
	return commands.flatMap(({path}) => (path[0] === noun && path[1] !== undefined ? [path[1]] : []));
}
