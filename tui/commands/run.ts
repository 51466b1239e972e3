import {parseArgs} from 'node:util';
import type {Client} from '../client/client.ts';
import {asFailure, exitCodes, Failure} from '../failure.ts';
import {createSession, type Session} from '../session/session.ts';
import {type Environment, isReadOnly} from '../settings/environment.ts';
import {resolveSettings, type Settings} from '../settings/settings.ts';
import {clean} from '../text/clean.ts';
import {type Command, commonOptions, type Flags, type LocalContext} from './command.ts';
import {commandsOf, everyCommand} from './commands.ts';
import {authorityFlag, textFlag} from './flags.ts';
import {commandHelp, nounHelp, overview, verbsOf} from './help.ts';
import {put} from './hand-over.ts';
import {createOutput, report} from './output.ts';
import {readOnly} from './read-only.ts';
import {Interrupted, type Terminal} from '../terminal/terminal.ts';

/** Runs one scripting command; answers its exit status and never throws. */
export async function runCommand(
	argv: readonly string[],
	environment: Environment,
	terminal: Terminal,
): Promise<number> {
	const asJson = argv.includes('--json') || argv.includes('--jsonl');
	try {
		return await execute(argv, environment, terminal);
	} catch (error) {
		if (error instanceof Interrupted) return exitCodes.interrupted;
		return report(asFailure(error), terminal, asJson);
	}
}

/** As `runCommand`, for a caller that tells of failures in its own way. @throws {Failure | Interrupted} */
export async function execute(
	argv: readonly string[],
	environment: Environment,
	terminal: Terminal,
): Promise<number> {
	const commands = await commandsOf(argv[0] ?? '', argv[1]);
	const command = commands.find(({path}) => path.every((word, index) => argv[index] === word));
	if (command === undefined) return unknown(argv, terminal);
	const {flags, positionals} = parse(command, argv.slice(command.path.length));
	if (flags['help'] === true) {
		put(terminal, `${commandHelp(command)}\n`);
		return exitCodes.done;
	}
	checkChoices(command, flags);
	const output = createOutput(terminal, flags['quiet'] === true);
	const local = {environment, terminal, output, flags, positionals, now: Date.now()};
	return runParsed(command, local);
}

async function runParsed(command: Command, local: LocalContext): Promise<number> {
	const {flags, environment} = local;
	const isReading = command.changes !== true || flags['dry-run'] === true;
	if (!isReading && isReadOnly(environment)) throw readOnly();
	if ('runHere' in command) return command.runHere(local);
	const target = {
		url: textFlag(flags, 'url'),
		insecure: flags['insecure'] === true,
		profile: textFlag(flags, 'profile'),
		caFile: authorityFlag(flags),
		logsIn: command.logsIn === true,
	};
	const settings = resolveSettings(target, environment, 'required');
	return withClient(settings, (client, session) =>
		command.run({...local, client, session, settings}),
	);
}

/** Does something with a server, and lets go of it. */
export async function withClient<Result>(
	settings: Settings,
	work: (client: Client, session: Session) => Promise<Result>,
): Promise<Result> {
	const session = createSession(settings.credentials, {machine: settings.machine});
	// The description of the whole API comes with it, which help and completion do without.
	const {createClient} = await import('../client/client.ts');
	const client = createClient({url: settings.url, session, caFile: settings.caFile});
	try {
		return await work(client, session);
	} finally {
		client.close();
	}
}

/** @throws {Failure} usage, where an option has another value than those there are. */
function checkChoices({path, options}: Command, flags: Flags): void {
	for (const [name, {choices}] of Object.entries(options)) {
		const value = flags[name];
		if (choices === undefined || value === undefined || choices.includes(String(value))) continue;
		throw new Failure('usage', `--${name} must be one of ${choices.join(', ')}`, {
			field: name,
			hint: `See \`latchkey ${path.join(' ')} --help\`.`,
		});
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

/** Answers words that are not a command: with help if that was asked for, else with what there is. */
async function unknown(argv: readonly string[], terminal: Terminal): Promise<number> {
	const [noun = ''] = argv;
	const ofNoun = await commandsOf(noun);
	const isNoun = ofNoun.length > 0;
	const helpAsked = argv.includes('--help') || argv.includes('-h') || noun === 'help';
	if (helpAsked && (noun.startsWith('-') || noun === 'help' || isNoun)) {
		const text = isNoun ? nounHelp(noun, ofNoun) : overview(await everyCommand());
		put(terminal, `${text}\n`);
		return exitCodes.done;
	}
	const words = argv.filter((word) => !word.startsWith('-')).slice(0, 2);
	const reason = isNoun
		? `latchkey ${noun} needs one of: ${verbsOf(ofNoun).join(', ')}`
		: `There is no command ${clean(words.join(' '))}`;
	throw new Failure('usage', reason, {hint: 'See `latchkey --help`.'});
}
