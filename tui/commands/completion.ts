import {exitCodes, Failure} from '../failure.ts';
import type {Command} from './command.ts';
import {everyCommand} from './commands.ts';
import {script, shells} from './completion-scripts.ts';
import {onlyArgument} from './flags.ts';

export const commands: readonly Command[] = [
	{
		path: ['completion'],
		arguments: shells.join('|'),
		summary: 'Print what makes a shell complete these commands',
		options: {},
		async runHere(context) {
			const wanted = onlyArgument(context, 'shell');
			const shell = shells.find((name) => name === wanted);
			if (shell === undefined) {
				throw new Failure('usage', `The shell must be one of ${shells.join(', ')}`);
			}
			context.output.lines([script(shell, await everyCommand())]);
			return exitCodes.done;
		},
	},
];
