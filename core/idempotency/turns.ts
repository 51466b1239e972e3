import {withTimeout} from '../with-timeout.ts';
import {StillRunning} from './store.ts';

/** How long a request waits for the first one, in milliseconds: it holds no connection meanwhile. */
const longestWaitMs = 2000;

/** First requests under way in this process, each by where its answer will be. */
const firsts = new Map<string, Promise<unknown>>();

/**
 * Lets those that ask for the same in this process wait for the first of them before they take a
 * connection. Those of other processes wait in PostgreSQL, which decides in any case.
 *
 * @throws {StillRunning} when the first does not end soon
 */
export async function afterFirst<T>(lookup: Buffer, work: () => Promise<T>): Promise<T> {
	const name = lookup.toString('latin1');
	const first = firsts.get(name);
	if (first !== undefined) {
		await ended(first);
		return work();
	}
	const own = work();
	firsts.set(name, own);
	try {
		return await own;
	} finally {
		firsts.delete(name);
	}
}

/** @throws {StillRunning} when it does not end soon, or waits in vain itself */
async function ended(first: Promise<unknown>): Promise<void> {
	const settled = first.catch((error: unknown) => {
		if (error instanceof StillRunning) throw error;
	});
	await withTimeout(settled, longestWaitMs).catch(() => {
		throw new StillRunning();
	});
}
