import {withTimeout} from '../with-timeout.ts';
import {ConnectError} from './faults.ts';

/** Most that wait for one thing, and how long each does, in milliseconds. */
const mostWaiting = 100;
const longestWaitMs = 5000;

type Line = {count: number; last: Promise<void>};

const lines = new Map<string, Line>();

/**
 * Does what concerns one row in the order in which it was asked for, one after the other in this process.
 * Otherwise each would take a connection only to wait for the lock that the first of them holds, and
 * leave none for the requests that have nothing to do with it.
 *
 * @throws {ConnectError} when too many wait already, or the turn does not come
 */
export async function inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
	const line = lines.get(name) ?? {count: 0, last: Promise.resolve()};
	if (line.count > mostWaiting) throw new ConnectError('too many wait for the same row');
	lines.set(name, line);
	line.count++;
	const before = line.last;
	const own = Promise.withResolvers<void>();
	line.last = before.then(() => own.promise);
	try {
		await withTimeout(before, longestWaitMs).catch((error: unknown) => {
			throw new ConnectError('waited too long for those who change the same row', error);
		});
		return await work();
	} finally {
		own.resolve();
		line.count--;
		if (line.count === 0) lines.delete(name);
	}
}
