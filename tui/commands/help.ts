import {fit} from '../text/width.ts';
import {type Command, commonOptions, type Option} from './command.ts';

/** What `latchkey --help` prints, and `latchkey keys --help` for the commands of one noun. */
export function overview(commands: readonly Command[], noun?: string): string {
	const shown = commands.filter(({path}) => noun === undefined || path[0] === noun);
	return [
		'Usage: latchkey [COMMAND] [OPTIONS]',
		'',
		'Without a command the console opens; it needs a terminal.',
		'',
		...shown.map((command) => `  ${fit(signature(command), 21)} ${command.summary}`),
		'',
		'Options of every command:',
		...optionLines(commonOptions),
		'',
		'Exit status: 0 done, 1 failed, 2 wrong use, 3 not found, 4 not logged in,',
		'5 not allowed, 6 conflict, 7 no server, 8 too many requests, 9 partly done.',
		'The server is LATCHKEY_URL, else that of the last log-in, else',
		'http://127.0.0.1:8080.',
	].join('\n');
}

/** What `latchkey keys create --help` prints. */
export function commandHelp(command: Command): string {
	return [
		`Usage: latchkey ${signature(command)} [options]`,
		'',
		`${command.summary}.`,
		'',
		'Options:',
		...optionLines({...command.options, ...commonOptions}),
	].join('\n');
}

function signature({path, arguments: rest}: Command): string {
	return [...path, ...(rest === undefined ? [] : [rest])].join(' ');
}

function optionLines(options: Readonly<Record<string, Option>>): string[] {
	return Object.entries(options).map(([name, {short, value, help}]) => {
		const flag = `${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
		return `  ${fit(flag, 26)} ${help}`;
	});
}
