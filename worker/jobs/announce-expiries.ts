import {bySystem} from '../../core/audit/actor.ts';
import {announceExpiries} from '../../core/keys/store.ts';
import type {WorkerDeps} from '../deps.ts';

/** In one transaction: each holds the audit trail of an organisation. */
const batch = 100;
const mostBatches = 50;

/** Tells of keys that have expired. */
export async function runOnce({db}: WorkerDeps): Promise<{expired: number}> {
	let expired = 0;
	for (let i = 0; i < mostBatches; i++) {
		const count = await announceExpiries(db, bySystem('worker'), batch);
		expired += count;
		if (count < batch) break;
	}
	return {expired};
}
