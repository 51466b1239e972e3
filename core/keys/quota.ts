import type {Knex} from 'knex';
import type {ChangeQuota, UsedQuota} from '../../contract/key-limits.ts';
import {maxQuota, type Quota} from '../../contract/rate-limits.ts';
import type {By} from '../actor.ts';
import {record} from '../audit/trail/record.ts';
import type {Clock} from '../clock/clock.ts';
import {adjust, readAdjustment} from '../limits/adjustments.ts';
import type {Period} from '../limits/periods.ts';
import {resetsAt} from '../limits/quota-used.ts';
import {isGone} from './grace.ts';
import {lineageOf, type DetailedKey} from './present.ts';
import type {KeyRefused} from './proposal.ts';
import {lockKeyRows} from './rotation/succession.ts';
import {findKey} from './store.ts';

/* Changing by hand what was used of the quota of a key, in the period that is running. */

/** Reads what all servers have counted of the quota of a key. */
type ReadCount = (
	key: {keyId: string; lineageId: string; organisationId: string},
	quota: Quota,
) => Promise<{counted: number; period: Period}>;

type QuotaChanged = {kind: 'changed' | 'unchanged'; state: UsedQuota};

/**
 * Sets what was used, or adds to it; never below 0. What was counted stays as it is: the difference is
 * kept beside it, so that whoever puts a count back that Redis has lost does not undo the change.
 *
 * @returns undefined where there is no such key
 * @throws what `readCount` throws; nothing was changed then
 */
export async function changeQuota(
	transaction: Knex.Transaction,
	by: By,
	place: {organisationId: string; keyId: string},
	change: ChangeQuota,
	{readCount, clock}: {readCount: ReadCount; clock: Pick<Clock, 'now'>},
): Promise<KeyRefused | QuotaChanged | undefined> {
	const {organisationId, keyId} = place;
	const judged = async () => {
		const row = await findKey(transaction, organisationId, keyId);
		return row && judge(row, clock.now());
	};
	const early = await judged();
	if (early?.kind !== 'judged') return early;
	const {lineageId} = early;
	// Two changes of a quota wait for each other, also by two keys of a chain.
	await lockKeyRows(transaction, [lineageId, keyId]);
	const found = await judged();
	if (found?.kind !== 'judged') return found;
	const {row, quota} = found;
	const {counted, period} = await readCount({keyId, lineageId, organisationId}, quota);
	const before = await readAdjustment(transaction, lineageId, period);
	const wasUsed = Math.max(counted + before, 0);
	const used = change.set ?? Math.max(wasUsed + (change.add ?? 0), 0);
	if (used > maxQuota) return tooMuch;
	const state = {used, limit: quota.limit, resets_at: resetsAt(period)};
	const amount = used - counted;
	if (amount === before) return {kind: 'unchanged', state};
	await adjust(transaction, {organisationId, lineageId}, {quota, period, counted, amount});
	await record(transaction, by, {
		action: 'key.quota_changed',
		organisationId,
		target: {type: 'api_key', id: keyId, name: row.name},
		details: {
			hint: row.hint,
			used,
			previous_used: wasUsed,
			limit: quota.limit,
			resets_at: state.resets_at,
		},
	});
	return {kind: 'changed', state};
}

const tooMuch = {
	kind: 'refused',
	code: 'invalid_field',
	field: 'add',
	message: `add must not make it more than ${maxQuota}`,
} as const satisfies KeyRefused;

type Judged = {kind: 'judged'; row: DetailedKey; quota: Quota; lineageId: string};

function judge(row: DetailedKey, now: number): KeyRefused | Judged {
	if (isGone(row, now)) return {kind: 'refused', code: 'key_revoked'};
	const {quota} = row.terms;
	if (!quota) return {kind: 'refused', code: 'no_quota'};
	return {kind: 'judged', row, quota, lineageId: lineageOf(row)};
}
