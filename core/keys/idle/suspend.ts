import type {Knex} from 'knex';
import {toTimestamp} from '../../../contract/text.ts';
import type {By} from '../../actor.ts';
import {record} from '../../audit/trail/record.ts';
import type {Clock} from '../../clock/clock.ts';
import {transactionTime} from '../../db/transaction-time.ts';
import {requireTermsVersion, versionsOfState} from '../../verification/terms-version.ts';
import {alterKey} from '../alter.ts';
import {inOrderOfChains} from '../expiry.ts';
import {presentForEvent} from '../present.ts';
import {suspending} from '../suspend.ts';
import {readKeysToTell} from '../told.ts';
import {takeNotices, takeSuspensions, type IdlePass} from './due.ts';

/* Keys that were not used for as long as their policy lets them be: passes of the worker. */

/** Tells of keys that will be suspended, each once for as long as it is idle; a few at a time. @returns how many */
export async function tellIdleKeys(db: Knex, by: By, pass: IdlePass): Promise<number> {
	return db.transaction(async (transaction) => {
		const notices = new Map(
			(await takeNotices(transaction, pass)).map((notice) => [notice.id, notice]),
		);
		const keys = await readKeysToTell(transaction, [...notices.keys()]);
		const now = await transactionTime(transaction);
		for (const key of inOrderOfChains(keys)) {
			const notice = notices.get(key.id);
			if (notice === undefined) continue;
			const told = {days: notice.days, suspended_at: toTimestamp(notice.suspends_at)};
			await record(transaction, by, {
				action: 'key.idle',
				organisationId: key.organisation_id,
				target: {type: 'api_key', id: key.id, name: key.name},
				details: {hint: key.hint, ...told},
				event: {key: presentForEvent(key, now), ...told},
			});
		}
		return notices.size;
	});
}

/** Suspends keys of which that was told in time; a few at a time. @returns how many */
export async function suspendIdleKeys(
	db: Knex,
	by: By,
	clock: Pick<Clock, 'now'>,
	pass: IdlePass,
): Promise<number> {
	return db.transaction(async (transaction) => {
		// Before anything is locked.
		await requireTermsVersion(transaction, versionsOfState.suspended);
		const due = await takeSuspensions(transaction, pass);
		for (const {id: keyId, organisation_id: organisationId, days} of inOrderOfChains(due)) {
			const reason = `Not used for ${days} days: the key policy says so`;
			await alterKey(transaction, by, {organisationId, keyId}, suspending(reason, clock));
		}
		return due.length;
	});
}
