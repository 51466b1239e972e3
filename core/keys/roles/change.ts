import type {KeyRoleChanges} from '../../../contract/key-roles.ts';
import type {By} from '../../actor.ts';
import type {Clock} from '../../clock/clock.ts';
import type {BarrierResult} from '../../verification/barrier.ts';
import {recentSeconds, type Coherence} from '../../verification/coherence.ts';
import {updateKeyRole, type ChangedKeyRole} from './store.ts';

/** Changes a role; it returns when every server goes by what its keys may do then. */
export async function changeKeyRole(
	{coherence, clock}: {coherence: Coherence; clock: Pick<Clock, 'now'>},
	by: By,
	place: {organisationId: string; roleId: string},
	changes: KeyRoleChanges,
	isExpected: (version: number) => boolean,
): Promise<{result: ChangedKeyRole | undefined; barrier: BarrierResult | undefined}> {
	const {value: result, barrier} = await coherence.change(
		(transaction) => updateKeyRole(transaction, by, place, changes, isExpected),
		(changed) => changed?.kind === 'changed',
	);
	if (result?.kind !== 'unchanged') return {result, barrier};
	// Whoever made it so may not be answered yet: what this answer says must hold, too.
	const isRecent = result.row.updated_at.getTime() > clock.now() - recentSeconds * 1000;
	if (!isRecent) return {result, barrier};
	const earlier = await coherence.waitForEarlier();
	return {result, barrier: earlier.unconfirmed.length > 0 ? earlier : undefined};
}
