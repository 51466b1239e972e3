import {
	type Command,
	commonOptions,
	type Option,
	type Options,
} from '../../tui/commands/command.ts';
import {examples} from '../../tui/commands/examples.ts';
import {assignmentName, optionHelp, optionName, signature} from '../../tui/commands/help.ts';

/** The page of commands, in Markdown, from the table that help and completion read. */
export function commandsReference(commands: readonly Command[]): string {
	const nouns = [...new Set(commands.map(({path: [noun = '']}) => noun))];
	return `# Commands

<!-- Written by \`npm run docs\` from tui/commands/: change it there. -->

What the console can do, for scripts; [console.md](console.md) says how they answer, where they connect
and what their exit status means. Options may stand before a command or behind it. Every command takes:

${optionList(commonOptions)}

${nouns.map((noun) => section(noun, commands)).join('\n\n')}
`;
}

function section(noun: string, commands: readonly Command[]): string {
	const own = commands.filter(({path}) => path[0] === noun);
	return [`## ${noun}`, ...own.map(entry)].join('\n\n');
}

function entry(command: Command): string {
	const {summary, options, assignments, changes, path} = command;
	const shown = examples[path.join(' ')] ?? [];
	const readOnly = changes === true ? ' Not with LATCHKEY_READONLY.' : '';
	const lines = [`### \`latchkey ${signature(command)}\``, '', `${summary}.${readOnly}`];
	const listed = [assignmentList(assignments), optionList(options)].filter((list) => list !== '');
	if (listed.length > 0) lines.push('', ...listed);
	if (shown.length > 0) lines.push('', '```sh', ...shown, '```');
	return lines.join('\n');
}

function assignmentList(assignments: Options = {}): string {
	return Object.entries(assignments)
		.map(([name, option]) => `- \`${assignmentName(name, option)}\`: ${optionHelp(option)}`)
		.join('\n');
}

function optionList(options: Options): string {
	return Object.entries(options)
		.map(([name, option]) => `- ${names(name, option)}: ${optionHelp(option)}`)
		.join('\n');
}

function names(name: string, option: Option): string {
	const short = option.short === undefined ? '' : `, \`-${option.short}\``;
	return `\`${optionName(name, option)}\`${short}`;
}
