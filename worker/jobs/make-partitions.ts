import {ensureUsagePartitions} from '../../core/usage/store.ts';
import type {WorkerDeps} from '../deps.ts';

/** This month and the next three. */
const monthsAhead = 4;

/** Makes the partitions of the months to come, so that no row lands in the default one. */
export async function runOnce(deps: WorkerDeps): Promise<{made: number}> {
	return {made: await ensureUsagePartitions(deps.db, monthsAhead)};
}
