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
import {commandHelp, nounHelp, overview, signature, verbsOf} from './help.ts';
import {put} from './hand-over.ts';
import {inOptionWords} from './option-words.ts';
import {createOutput, report} from './output.ts';
import {programsOfAppliance} from './programs-of-appliance.ts';
import {readOnly} from './read-only.ts';
import {nearest} from './suggest.ts';
import {consoleOptions} from '../opens-console.ts';
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
	const asksFirst = argv[0] === 'help';
	const asksSecond = argv[1] === 'help';
	// `latchkey help keys` and `latchkey keys help create` ask as `latchkey keys create --help` does.
	if (asksFirst || asksSecond) {
		const words = argv.filter((word, at) => !(at < 2 && word === 'help'));
		return execute([...words, '--help'], environment, terminal);
	}
	const named = await commandIn(argv);
	if (named === undefined) return unknown(argv, terminal);
	const {command, args} = named;
	const {flags, positionals} = parse(command, args);
	if (flags['help'] === true) {
		put(terminal, `${commandHelp(command)}\n`);
		return exitCodes.done;
	}
	checkChoices(command, flags);
	const output = createOutput(terminal, flags['quiet'] === true);
	const usage = `latchkey ${signature(command)}`;
	const local = {environment, terminal, output, flags, positionals, usage, now: Date.now()};
	try {
		return await runParsed(command, local);
	} catch (error) {
		throw inOptionWords(error, command);
	}
}

type Named = {command: Command; args: string[]};

/** The command that a line names, and the rest of the line: options may stand before the command, too. */
async function commandIn(argv: readonly string[]): Promise<Named | undefined> {
	let first: Named | undefined;
	for (const [at, word] of argv.entries()) {
		if (word === '--') break;
		const before = argv.slice(0, at);
		// Words before the command are values of options.
		if (word.startsWith('-') || (at > 0 && before[0]?.startsWith('-') !== true)) continue;
		const commands = await commandsOf(word, argv[at + 1]);
		const command = commands.find(({path}) =>
			path.every((each, index) => argv[at + index] === each),
		);
		if (command === undefined) continue;
		const named = {command, args: [...before, ...argv.slice(at + command.path.length)]};
		first ??= named;
		if (isOptions(command, before)) return named;
	}
	return first;
}

/** Whether words are options of a command, each with its value, and nothing else. */
function isOptions(command: Command, words: string[]): boolean {
	try {
		parseArgs({args: words, options: {...command.options, ...commonOptions}, strict: true});
		return true;
	} catch {
		return false;
	}
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
	try {
		return await withClient(settings, (client, session) =>
			command.run({...local, client, session, settings}),
		);
	} catch (error) {
		throw aboutGiven(error, settings);
	}
}

/** Of a credential that the environment gives, no log-in helps: what it is is told. */
function aboutGiven(error: unknown, {given, url}: Settings): unknown {
	if (given === undefined || !(error instanceof Failure)) return error;
	const {kind, details} = error;
	const isRefused =
		kind === 'signed_out' || (kind === 'refused' && details.code === 'invalid_client');
	if (!isRefused) return error;
	const what =
		given === 'LATCHKEY_TOKEN'
			? 'The token of LATCHKEY_TOKEN has expired, or belongs to another server'
			: 'The service account of LATCHKEY_CLIENT_ID is not known here, or its secret is wrong';
	return new Failure('signed_out', `${what} (${url.origin})`, {
		...details,
		hint: `Set ${given} to one that works, or unset it to act as whoever logged in.`,
	});
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
		throw new Failure('usage', sentence ?? 'The command line was not understood', {
			hint: `See \`latchkey ${command.path.join(' ')} --help\`.`,
		});
	}
}

/**
 * What is no option of every command, nor the value of one.
 *
 * @throws {Failure} usage, where a line begins with an option that there is not
 */
function wordsOf(argv: readonly string[]): string[] {
	const options = {...commonOptions, ...consoleOptions};
	const {positionals, tokens} = parseArgs({
		args: [...argv],
		options,
		strict: false,
		tokens: true,
	});
	const [first] = tokens;
	if (first?.kind === 'option' && !Object.hasOwn(options, first.name)) {
		throw new Failure('usage', `Unknown option '${first.rawName}'`, {
			hint: 'See `latchkey --help`.',
		});
	}
	return positionals;
}

/** Answers words that are not a command: with help if that was asked for, else with what there is. */
async function unknown(argv: readonly string[], terminal: Terminal): Promise<number> {
	const words = wordsOf(argv).slice(0, 2);
	const [noun = '', verb] = words;
	const ofNoun = await commandsOf(noun);
	const isNoun = ofNoun.length > 0;
	const helpAsked = argv.includes('--help') || argv.includes('-h');
	if (helpAsked && (argv[0]?.startsWith('-') === true || isNoun)) {
		const text = isNoun ? nounHelp(noun, ofNoun) : overview(await everyCommand());
		put(terminal, `${text}\n`);
		return exitCodes.done;
	}
	if (noun === '') {
		throw new Failure('usage', 'No command is named', {hint: 'See `latchkey --help`.'});
	}
	if (isNoun) {
		const reason =
			verb === undefined
				? `${noun} needs one of: ${verbsOf(ofNoun).join(', ')}`
				: `There is no command ${noun} ${clean(verb)}`;
		const meant = verb === undefined ? [] : nearest(verb, verbsOf(ofNoun));
		throw new Failure('usage', reason, {
			hint: didYouMean(
				meant.map((each) => `${noun} ${each}`),
				noun,
			),
		});
	}
	if (programsOfAppliance.includes(noun)) {
		throw new Failure('usage', `${noun} runs only on the machine of the appliance`, {
			hint:
				argv[0] === noun
					? 'This is the console alone: see docs/console.md.'
					: 'Its options come after it.',
		});
	}
	const every = await everyCommand();
	const meant = nearest(
		noun,
		every.map(({path: [first = '']}) => first),
	);
	const isVerb = (first: string) => every.some(({path}) => path[0] === first && path[1] === verb);
	throw new Failure('usage', `There is no command ${clean(words.join(' '))}`, {
		hint: didYouMean(meant.map((each) => (isVerb(each) ? `${each} ${verb}` : each))),
	});
}

function didYouMean(meant: readonly string[], noun?: string): string {
	const see = `See \`latchkey ${noun === undefined ? '' : `${noun} `}--help\`.`;
	return meant.length === 0 ? see : `Did you mean ${meant.join(' or ')}? ${see}`;
}
