import {bySystem} from '../../core/actor.ts';
import {announceExpiries, warnOfExpiries} from '../../core/keys/expiry.ts';
import type {WorkerDeps} from '../deps.ts';
import {inBatches} from './in-batches.ts';

const by = bySystem('worker');

/** Tells of keys that have expired, and of those that will. */
export async function runOnce({
	db,
}: WorkerDeps): Promise<{expired: number; lastWarnings: number; firstWarnings: number}> {
	return {
		expired: await inBatches((most) => announceExpiries(db, by, most)),
		// The last warning first: a key that gets it needs no other.
		lastWarnings: await inBatches((most) => warnOfExpiries(db, by, 1, most)),
		firstWarnings: await inBatches((most) => warnOfExpiries(db, by, 7, most)),
	};
}
