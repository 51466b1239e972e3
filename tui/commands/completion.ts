import {exitCodes, Failure} from '../failure.ts';
import type {Command} from './command.ts';
import {script, shells} from './completion-scripts.ts';
import {onlyArgument} from './flags.ts';

/** Completes the commands it is handed, its own among them. */
export function completionOf(everyCommand: () => Promise<readonly Command[]>): Command {
	return {
		path: ['completion'],
		arguments: shells.join('|'),
		summary: 'Print the script that completes these commands in a shell',
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
	};
}
