import type {Knex} from 'knex';

/** Callers that wait for a connection of the pool, for each connection it may have. */
const mostWaitingEach = 10;
/** So many, too, where they do not get fewer for so long, in milliseconds. */
const standingEach = 2;
const longestStandingMs = 250;
/** A queue that nobody has looked at for so long may have been gone meanwhile. */
const forgottenMs = 100;

/** Since when the queue of a pool has been standing, and when that was seen last. */
const standing = new WeakMap<object, {since: number; seen: number}>();

type Queue = {numPendingAcquires: () => number};

/**
 * Whether so many wait for a connection of the pool already that nobody new should: those who wait
 * have begun something, and each that joins them makes it likelier that all run out of their time.
 */
export function isCrowded(db: Knex, poolMax: number): boolean {
	const {pool} = db.client as {pool: Queue};
	const waiting = pool.numPendingAcquires();
	if (waiting < standingEach * poolMax) {
		standing.delete(pool);
		return false;
	}
	const now = performance.now();
	const before = standing.get(pool);
	const since = before !== undefined && now - before.seen < forgottenMs ? before.since : now;
	standing.set(pool, {since, seen: now});
	return waiting >= mostWaitingEach * poolMax || now - since > longestStandingMs;
}
