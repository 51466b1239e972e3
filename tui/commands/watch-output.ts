import {exitCodes} from '../failure.ts';
import {isWaitedFor, unwritten} from './hand-over.ts';
import {report} from './output.ts';
import type {Terminal} from '../terminal/terminal.ts';

/**
 * Ends the program where an answer cannot be written: in silence where the reader has seen enough,
 * such as `head`, else with a sentence. Of messages that nobody can read nothing is told.
 */
export function watchOutput(terminal: Terminal, asJson: boolean): void {
	const {stdout, stderr} = terminal;
	stderr.on('error', () => {});
	stdout.on('error', (error: NodeJS.ErrnoException) => {
		if (isWaitedFor(stdout)) return;
		if (error.code === 'EPIPE') process.exit(exitCodes.done);
		process.exit(report(unwritten(error), terminal, asJson));
	});
}
