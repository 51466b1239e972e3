import {bySystem} from '../../core/actor.ts';
import {
	finishUnused,
	isAnyUnused,
	tellEndedGraces,
	warnOfEndingGraces,
} from '../../core/keys/rotation/follow.ts';
import type {WorkerDeps} from '../deps.ts';
import {inBatches} from './in-batches.ts';
import {runOnce as flushUsage} from './flush-usage.ts';

const by = bySystem('worker');

/** Follows keys that are being rotated: to their deadline, or until nobody uses the old one. */
export async function runOnce(
	deps: WorkerDeps,
): Promise<{ended: number; unused: number; warnings: number}> {
	const {db, knownUsage} = deps;
	const ended = await inBatches((most) => tellEndedGraces(db, by, most));
	const warnings = await inBatches((most) => warnOfEndingGraces(db, by, most));
	let unused = 0;
	if (await isAnyUnused(db)) {
		const until = await knownUsage.until(db, () => flushUsage(deps));
		if (until !== undefined) unused = await inBatches((most) => finishUnused(db, by, until, most));
	}
	return {ended, unused, warnings};
}
