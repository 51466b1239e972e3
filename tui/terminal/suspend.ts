import {once} from 'node:events';
import {setTimeout as sleep} from 'node:timers/promises';

/** By then a stop has begun, if there is one: in a container nobody can bring a program back. */
const stopsWithin = 200;

/**
 * Stops this program and those it was started by, as Ctrl-Z does where the terminal reads it, and
 * returns when it is in the foreground again; at once where there is no shell to go back to. The
 * terminal must be as it was before.
 */
export async function stopUntilContinued(): Promise<void> {
	const ended = new AbortController();
	const {signal} = ended;
	try {
		const continued = once(process, 'SIGCONT', {signal});
		const late = sleep(stopsWithin, undefined, {signal});
		process.kill(0, 'SIGTSTP');
		await Promise.race([continued, late]);
		// Nobody in the background is told of another size.
		process.kill(process.pid, 'SIGWINCH');
	} finally {
		ended.abort();
	}
}
