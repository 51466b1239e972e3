import {fit, wrap} from '../text/width.ts';
import {type Command, commonOptions, type Described, type Option, type Options} from './command.ts';
import {examples} from './examples.ts';

/** What `latchkey --help` prints. */
export function overview(commands: readonly Command[]): string {
	const nouns = new Set(commands.map(({path: [noun = '']}) => noun));
	return [
		'Usage: latchkey [COMMAND] [OPTIONS]',
		'',
		'Without a command the console opens; it needs a terminal. For screen readers',
		'--accessible asks one question at a time instead, and draws nothing.',
		'',
		...[...nouns].flatMap((noun) =>
			nounLines(
				noun,
				commands.filter(({path}) => path[0] === noun),
			),
		),
		'',
		'`latchkey COMMAND --help` says more of each. Options of every command:',
		...optionLines(commonOptions),
		'',
		'Exit status: 0 done, 1 failed, 2 wrong use, 3 not found, 4 not logged in,',
		'5 not allowed, 6 conflict, 7 no server, 8 too many requests, 9 partly done,',
		'10 the key that was asked about would be refused.',
		'The server is --url, the one of --profile, LATCHKEY_URL, that of the last',
		'login, or http://127.0.0.1:8080.',
	].join('\n');
}

/** What `latchkey keys --help` prints. */
export function nounHelp(noun: string, commands: readonly Command[]): string {
	const widest = Math.max(...commands.map((command) => signature(command).length));
	return [
		`Usage: latchkey ${noun} COMMAND [OPTIONS]`,
		'',
		...commands.flatMap((command) => aligned(signature(command), command.summary, widest + 2)),
		'',
		`\`latchkey ${noun} COMMAND --help\` says more.`,
	].join('\n');
}

/** What `latchkey keys create --help` prints. */
export function commandHelp(command: Command): string {
	return [
		`Usage: latchkey ${signature(command)} [options]`,
		'',
		`${command.summary}.`,
		'',
		...assignmentLines(command.assignments),
		'Options:',
		...optionLines({...command.options, ...commonOptions}),
		...exampleLines(examples[command.path.join(' ')]),
	].join('\n');
}

function exampleLines(lines: readonly string[] = []): string[] {
	return lines.length === 0 ? [] : ['', 'Examples:', ...lines.map((line) => `  ${line}`)];
}

/** A noun with its verbs, or what a command does that is one word. */
function nounLines(noun: string, commands: readonly Command[]): string[] {
	const verbs = verbsOf(commands);
	return aligned(noun, verbs.length > 0 ? verbs.join(', ') : (commands[0]?.summary ?? ''), 18);
}

export function verbsOf(commands: readonly Command[]): string[] {
	return commands.flatMap(({path: [, verb]}) => (verb === undefined ? [] : [verb]));
}

export function signature({path, arguments: rest}: Described): string {
	return [...path, ...(rest === undefined ? [] : [rest])].join(' ');
}

/** `--name NAME`, with what stands for the value. */
export function optionName(name: string, {value}: Option): string {
	return `--${name}${value === undefined ? '' : ` ${value}`}`;
}

/** What an option does, with the values there are. */
export function optionHelp({help, choices, required}: Option): string {
	const text = required === true ? `${help} (required)` : help;
	return choices === undefined ? text : `${text}: ${choices.join(', ')}`;
}

/** What stands on each side of a `=`, and what it does. */
function assignmentLines(assignments: Options | undefined): string[] {
	if (assignments === undefined) return [];
	const lines = Object.entries(assignments).flatMap(([name, option]) =>
		aligned(assignmentName(name, option), optionHelp(option), 30),
	);
	return ['Arguments:', ...lines, ''];
}

/** `name=VALUE`, with what stands for the value. */
export function assignmentName(name: string, {value = ''}: Option): string {
	return `${name}=${value}`;
}

function optionLines(options: Options): string[] {
	return Object.entries(options).flatMap(([name, option]) => {
		const short = option.short === undefined ? '    ' : `-${option.short}, `;
		return aligned(short + optionName(name, option), optionHelp(option), 26);
	});
}

/** Text beside a name, in as many lines as it takes on 80 columns. */
function aligned(name: string, text: string, indent: number): string[] {
	const lines = wrap(text, 80 - indent - 3);
	return lines.map((line, at) => `  ${fit(at === 0 ? name : '', indent)} ${line}`);
}
