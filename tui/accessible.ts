import {Readable} from 'node:stream';
import type {Command} from './commands/command.ts';
import {everyCommand} from './commands/commands.ts';
import {createNumbers} from './commands/numbers.ts';
import {report} from './commands/output.ts';
import {answerTo, askFor, Back, choose, say} from './commands/questions.ts';
import {readOnly} from './commands/read-only.ts';
import {execute, withClient} from './commands/run.ts';
import {ask, EndOfInput, Interrupted, type Terminal} from './terminal/terminal.ts';
import {providerNames} from './people/device-login.ts';
import {asFailure, exitCodes, Failure} from './failure.ts';
import {type Environment, isReadOnly} from './settings/environment.ts';
import {resolveSettings, type Target} from './settings/settings.ts';
import {findSetupToken} from './settings/setup-token.ts';
import {clean} from './text/clean.ts';

/** Where questions are asked, and what each command is told of the server. */
type Place = {
	target: Target;
	environment: Environment;
	terminal: Terminal;
};

/**
 * The console for whoever listens to it: the commands as questions, one at a time, each answer in new
 * lines. Nothing is drawn, and nothing moves. Answers the exit status.
 *
 * @throws {Failure} usage, when the settings are wrong; before anything is asked.
 */
export async function openAccessible(
	target: Target,
	environment: Environment,
	given: Terminal,
): Promise<number> {
	const {stdin, stdout, stderr, calledAs} = given;
	const named = calledAs === undefined ? {} : {calledAs};
	const terminal: Terminal = {stdin, stdout, stderr, ...named, spoken: createNumbers()};
	const place = {target, environment, terminal};
	const {url} = resolveSettings(target, environment, 'required');
	say(terminal, `Latchkey at ${url.origin}.`);
	say(terminal, 'Answer with a number or a word. What is not required can be left empty.');
	say(terminal, '0 or back goes back, menu lists what there is, quit ends.');
	say(
		terminal,
		'What is listed keeps its number: after keys list, revoke 2 is about the second key.',
	);
	try {
		for (;;) {
			await greet(place);
			await work(place);
		}
	} catch (error) {
		if (error instanceof EndOfInput) return exitCodes.done;
		if (error instanceof Interrupted) return exitCodes.interrupted;
		throw error;
	}
}

/** Says who is there, once somebody is: until then it is about logging in. */
async function greet(place: Place): Promise<void> {
	const {terminal} = place;
	let isAgain = false;
	for (;;) {
		try {
			if (isAgain) await answerTo(terminal, 'Enter tries again, quit ends', 'optional');
			isAgain = true;
			while (!(await isKnown(place))) await logIn(place);
			return;
		} catch (error) {
			tell(terminal, error);
		}
	}
}

async function isKnown(place: Place): Promise<boolean> {
	if (settingsOf(place).machine !== undefined) {
		say(place.terminal, 'You act as the service account of LATCHKEY_CLIENT_ID.');
		return true;
	}
	try {
		await run(place, 'whoami');
		return true;
	} catch (error) {
		const {kind, message, details} = asFailure(error);
		if (kind === 'signed_out') {
			if (details.sessionEnd !== undefined) say(place.terminal, `${message}.`);
			return false;
		}
		if (kind !== 'refused') throw error;
		// Such as for an organisation that was chosen and is gone: another can be chosen.
		tell(place.terminal, error);
		return true;
	}
}

async function logIn(place: Place): Promise<void> {
	const {terminal} = place;
	const [isNew, providers] = await withClient(settingsOf(place), async (client) => [
		(await client.call('setupState', {})).body.required,
		await providerNames(client),
	]);
	if (isNew) {
		await setUp(place);
		return;
	}
	say(terminal, 'Nobody is logged in.');
	const byPassword = 'email and password';
	const ways = [...providers.map(clean), byPassword].map((way) => [way, ''] as const);
	const way =
		providers.length === 0
			? byPassword
			: await choose(terminal, 'How do you want to log in?', ways, 'required');
	await run(place, 'login', way === byPassword ? [] : [`--provider=${way}`]);
}

/** Makes the first administrator and logs them in. */
async function setUp(place: Place): Promise<void> {
	const {environment, terminal} = place;
	if (isReadOnly(environment)) throw readOnly();
	const secretly = async (question: string) =>
		ask(terminal, `${question}: `, {secret: true, otherwise: 'Use the API.'});
	say(terminal, 'This server has no administrator yet. Who is the first one?');
	const found = findSetupToken(environment);
	const which = found === undefined ? '' : ', or nothing for the one that was found';
	const setupToken = (await secretly(`Setup token${which}`)).trim() || (found ?? '');
	const email = await answerTo(terminal, 'Email', 'required');
	const password = await secretly('Password');
	if ((await secretly('Password again')) !== password) {
		throw new Failure('usage', 'The passwords do not match');
	}
	const body = {email, password};
	await withClient(settingsOf(place), (client) => client.call('setup', {setupToken, body}));
	const stdin = Readable.from([password]);
	const typed = {...place, terminal: {...terminal, stdin}};
	await run(typed, 'login', [`--email=${email}`, '--password-stdin']);
}

/** One command after the other, until the session has ended. */
async function work(place: Place): Promise<void> {
	const mayChange = !isReadOnly(place.environment);
	const commands = (await everyCommand()).filter(({changes}) => mayChange || changes !== true);
	const nouns = Map.groupBy(commands, ({path: [noun = '']}) => noun);
	for (;;) {
		try {
			await runOne(place, nouns);
		} catch (error) {
			// Why the session is over is told where one logs in again.
			if (asFailure(error).details.sessionEnd !== undefined) return;
			if (tell(place.terminal, error)?.kind === 'signed_out') return;
		}
	}
}

async function runOne(place: Place, nouns: ReadonlyMap<string, readonly Command[]>) {
	const choices = [...nouns].map(([noun, [only]]) => {
		return [noun, only?.path.length === 1 ? only.summary : ''] as const;
	});
	const {terminal} = place;
	const typed = (answer: string) => commandTyped(answer, nouns, terminal) !== undefined;
	const noun = await choose(terminal, 'What do you want to do?', choices, 'required', {
		isOther: typed,
	});
	const whole = commandTyped(noun, nouns, terminal);
	if (whole !== undefined) {
		const {command, rest} = whole;
		await (rest === undefined ? runAsked(place, command) : run(place, command.path, rest));
		return;
	}
	const commands = nouns.get(noun) ?? [];
	const [first] = commands;
	if (first?.path.length === 1) await runAsked(place, first);
	else while (!(await ranOneOf(place, noun, commands)));
}

/**
 * A command that was typed in one line, as `keys show 2`, or `revoke 2` of what was listed last; without
 * `rest` where it needs more than that: it is asked for.
 */
function commandTyped(
	line: string,
	nouns: ReadonlyMap<string, readonly Command[]>,
	{spoken}: Terminal,
): {command: Command; rest?: string[]} | undefined {
	const [first = '', ...others] = line.split(/\s+/u);
	const words = nouns.has(first) ? [first, ...others] : [spoken?.last() ?? '', first, ...others];
	const [noun = '', verb, ...rest] = words;
	const command = nouns.get(noun)?.find(({path}) => path[1] === verb && verb !== undefined);
	if (command === undefined) return undefined;
	const needs = Object.values(command.options).some(({required}) => required === true);
	if (rest.length === 0 && (needs || command.arguments !== undefined)) return {command};
	return {command, rest: rest.map((word) => spoken?.id(noun, word) ?? word)};
}

/** Whether one was run, and not gone back from. @throws {Back} from the choice of the verb */
async function ranOneOf(place: Place, noun: string, commands: readonly Command[]) {
	const {terminal} = place;
	const choices = commands.map(({path: [, verb = ''], summary}) => [verb, summary] as const);
	const chosen = await choose(terminal, `What about ${noun}?`, choices, 'required', {
		isOther: () => false,
	});
	const command = commands.find(({path: [, verb]}) => verb === chosen);
	try {
		if (command !== undefined) await runAsked(place, command);
		return true;
	} catch (error) {
		if (error instanceof Back) return false;
		throw error;
	}
}

async function runAsked(place: Place, command: Command): Promise<void> {
	const {spoken} = place.terminal;
	const numbered = (word: string) => spoken?.id(command.path[0] ?? '', word) ?? word;
	await run(place, command.path, await askFor(place.terminal, command, numbered));
}

async function run(
	{target, environment, terminal}: Place,
	path: string | readonly string[],
	rest: readonly string[] = [],
): Promise<void> {
	const {url, profile, caFile, insecure} = target;
	const server = [
		...(url === undefined ? [] : [`--url=${url}`]),
		...(profile === undefined ? [] : [`--profile=${profile}`]),
		...(caFile === undefined ? [] : [`--ca=${caFile}`]),
		...(insecure === true ? ['--insecure'] : []),
	];
	await execute([path, server, rest].flat(), environment, terminal);
}

function settingsOf({target, environment}: Place) {
	return resolveSettings(target, environment, 'required');
}

/** Says what went wrong; of going back there is nothing to say. @throws {Interrupted} */
function tell(terminal: Terminal, error: unknown): Failure | undefined {
	if (error instanceof Interrupted) throw error;
	if (error instanceof Back) return undefined;
	const failure = asFailure(error);
	report(failure, terminal, false);
	return failure;
}
