import {bySystem} from '../../core/audit/actor.ts';
import {announceExpiries, warnOfExpiries} from '../../core/keys/store.ts';
import type {WorkerDeps} from '../deps.ts';

/** In one transaction: each holds the audit trail of an organisation. */
const batch = 100;
const mostBatches = 50;

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

async function inBatches(pass: (most: number) => Promise<number>): Promise<number> {
	let total = 0;
	for (let i = 0; i < mostBatches; i++) {
		const count = await pass(batch);
		total += count;
		if (count < batch) break;
	}
	return total;
}
