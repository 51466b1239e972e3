import type {By} from '../actor.ts';
import type {Clock} from '../clock/clock.ts';
import type {SharedLimitsRow} from '../db/key-tables.ts';
import type {BarrierResult} from '../verification/barrier.ts';
import {recentSeconds, type Coherence} from '../verification/coherence.ts';
import type {SharedDefinitions, SharedLimitsPlace} from './place.ts';
import {deleteSharedLimits, replaceSharedLimits} from './store.ts';

/**
 * Replaces what the keys of a place share; it returns when every server goes by it.
 *
 * @param most places of the organisation that may have limits
 * @throws {UpgradeInProgress | LimitReached}
 */
export async function changeSharedLimits(
	{coherence, clock}: {coherence: Coherence; clock: Pick<Clock, 'now'>},
	by: By,
	place: SharedLimitsPlace,
	{wanted, most}: {wanted: SharedDefinitions; most: number},
): Promise<{row: SharedLimitsRow; barrier: BarrierResult | undefined}> {
	const {
		value: {kind, row},
		barrier,
	} = await coherence.change(
		(transaction) => replaceSharedLimits(transaction, by, place, wanted, most),
		(changed) => changed.kind === 'changed',
	);
	// Whoever made it so may not be answered yet: what this answer says must hold, too.
	const isRecent = row.updated_at.getTime() > clock.now() - recentSeconds * 1000;
	if (kind === 'unchanged' && isRecent) return {row, barrier: await earlierOf(coherence)};
	return {row, barrier};
}

/** Takes them away; it returns when no server goes by them. */
export async function removeSharedLimits(
	coherence: Coherence,
	by: By,
	place: SharedLimitsPlace,
): Promise<{isRemoved: boolean; barrier: BarrierResult | undefined}> {
	const {value: isRemoved, barrier} = await coherence.change(
		(transaction) => deleteSharedLimits(transaction, by, place),
		(removed) => removed,
	);
	// The same of somebody else who was first.
	return {isRemoved, barrier: isRemoved ? barrier : await earlierOf(coherence)};
}

/** Undefined: it holds everywhere. */
async function earlierOf(coherence: Coherence): Promise<BarrierResult | undefined> {
	const earlier = await coherence.waitForEarlier();
	return earlier.unconfirmed.length > 0 ? earlier : undefined;
}
