import type {Knex} from 'knex';
import type {SessionPool} from './pool.ts';

/** Callers that wait for a connection of the pool, for each connection it may have. */
const mostWaitingEach = 10;
/**
 * So many, too, where the next in turn has waited for too long all the while, in milliseconds. How
 * many wait says little by itself: a queue can be as long for hours and each in it be served soon.
 */
const standingEach = 2;
const longWaitMs = 100;
const longestStandingMs = 250;
/** A queue that nobody has looked at for so long may have been gone meanwhile. */
const forgottenMs = 100;

/** Since when the queue of a pool has been standing, and when that was seen last. */
const standing = new WeakMap<object, {since: number; seen: number}>();

type Queue = Pick<SessionPool, 'numPendingAcquires' | 'longestWaitMs'>;

/**
 * Whether so many wait for a connection of the pool already that nobody new should: those who wait
 * have begun something, and each that joins them makes it likelier that all run out of their time.
 * Judged by the time in the queue, as controlled delay does (RFC 8289), and by its length.
 */
export function isCrowded(db: Knex, poolMax: number): boolean {
	const {pool} = db.client as {pool: Queue};
	const waiting = pool.numPendingAcquires();
	if (waiting >= mostWaitingEach * poolMax) return true;
	if (waiting < standingEach * poolMax || pool.longestWaitMs() < longWaitMs) {
		standing.delete(pool);
		return false;
	}
	const now = performance.now();
	const before = standing.get(pool);
	const since = before !== undefined && now - before.seen < forgottenMs ? before.since : now;
	standing.set(pool, {since, seen: now});
	return now - since > longestStandingMs;
}
