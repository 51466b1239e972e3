import type {Knex} from 'knex';
import type {KeyChanges} from '../../contract/keys.ts';
import type {By} from '../actor.ts';
import {confirmRights} from '../audit/trail/rights.ts';
import type {Clock} from '../clock/clock.ts';
import type {BarrierResult} from '../verification/barrier.ts';
import {recentSeconds, type Coherence} from '../verification/coherence.ts';
import {requireTermsVersion} from '../verification/terms-version.ts';
import {alterKey, type Altered, type Judging} from './alter.ts';
import type {RotationEnd} from './rotation/end.ts';
import {
	findPresented,
	revokeKey,
	revokeLineage,
	wasRecentlyRevoked,
	type Revocation,
	type Revoked,
} from './store.ts';
import {resuming, suspending} from './suspend.ts';
import type {KeyFormat} from './token.ts';
import {updating, type Condition} from './update.ts';

/** Changes of a key that are answered when every server goes by them. */

type Changed<Result> = {
	result: Result;
	/** How far what the answer says is in force; undefined where there was nothing to wait for. */
	barrier: BarrierResult | undefined;
};

type KeyPlace = {organisationId: string; keyId: string};
type Parts = {db: Knex; coherence: Coherence; clock: Pick<Clock, 'now'>};

/** Revokes a live key of an organisation for good, unless it is protected. */
export async function revoke(
	{db, coherence}: Pick<Parts, 'db' | 'coherence'>,
	by: By,
	{organisationId, keyId}: KeyPlace,
	{lineage, ...why}: Revocation & {lineage?: 'true' | undefined},
): Promise<Changed<Revoked>> {
	const revokeAll = lineage === undefined ? revokeKey : revokeLineage;
	const {value: result, barrier} = await coherence.change(
		(transaction) => revokeAll(transaction, by, organisationId, keyId, why),
		(revoked) => revoked === 'revoked',
	);
	if (result !== 'none') return {result, barrier};
	// Somebody else may have been first and not be answered yet: that there is no such key must hold too.
	const whose = lineage === undefined ? 'key' : 'chain';
	const isRecent = await wasRecentlyRevoked(db, {organisationId, keyId}, whose, recentSeconds);
	return {result, barrier: isRecent ? await coherence.waitForEarlier() : undefined};
}

/**
 * A key revokes itself; one that is protected is suspended instead. Its row is locked before its own
 * right is confirmed, which it has no more afterwards: of two at once, the second is decided about
 * anew, and refused.
 */
export async function revokeSelf(
	parts: Pick<Parts, 'coherence' | 'clock'>,
	by: By,
	place: KeyPlace,
): Promise<BarrierResult | undefined> {
	const {barrier} = await end(parts, by, place, 'self');
	return barrier;
}

/**
 * Ends a key for whoever presents it as a whole, whatever has become of it: who holds it may have it
 * refused, also who found it. One that is protected is suspended instead.
 *
 * @param by whoever asks; without one, the key itself
 * @param organisationId of whoever asks: the key of another one is left alone
 * @returns undefined where there is no such key
 */
export async function revokePresented(
	parts: Parts & {keys: Pick<KeyFormat, 'parse'>},
	presented: string,
	{by, organisationId}: {by: By; organisationId: string | undefined},
): Promise<{keyId: string; barrier: BarrierResult | undefined} | undefined> {
	const {db, coherence, keys} = parts;
	const key = keys.parse(presented);
	const found = key && (await findPresented(db, key));
	if (found === undefined) return undefined;
	const {id: keyId, name} = found;
	const place = {organisationId: found.organisation_id, keyId};
	if (organisationId !== undefined && organisationId !== place.organisationId) return undefined;
	const isSelf = organisationId === undefined;
	const maker: By = isSelf ? {...by, actor: {type: 'api_key', id: keyId, name}} : by;
	const {result, barrier} = await end(parts, maker, place, isSelf ? 'self' : undefined);
	if (result !== 'none') return {keyId, barrier};
	// Somebody else may have been first and not be answered yet.
	const isRecent = await wasRecentlyRevoked(db, place, 'key', recentSeconds);
	return {keyId, barrier: isRecent ? await coherence.waitForEarlier() : undefined};
}

/** @param reason why it is revoked; also why it is suspended, where it is protected */
async function end(
	{coherence, clock}: Pick<Parts, 'coherence' | 'clock'>,
	by: By,
	place: KeyPlace,
	reason: 'self' | undefined,
): Promise<Changed<Revoked>> {
	const {organisationId, keyId} = place;
	const suspension = suspending(reason ?? null, clock);
	const {value: result, barrier} = await coherence.change(
		async (transaction) => {
			const isProtected = await transaction('api_keys')
				.where({id: keyId, delete_protected: true})
				.select('id')
				.first();
			// Before anything is locked.
			if (isProtected) await requireTermsVersion(transaction, suspension.termsVersion);
			await transaction('api_keys').where({id: keyId}).forUpdate().select('id');
			await confirmRights(transaction, by);
			const revoked = await revokeKey(transaction, by, organisationId, keyId, {reason});
			if (revoked === 'protected') await alterKey(transaction, by, place, suspension);
			return revoked;
		},
		(revoked) => revoked !== 'none',
	);
	return {result, barrier};
}

/** Changes what a key carries, where its version is one that the change was meant for. */
export async function update(
	parts: Parts,
	by: By,
	place: KeyPlace,
	changes: KeyChanges,
	condition: Condition,
): Promise<Changed<Altered | undefined>> {
	const changed = await alter(
		parts,
		by,
		place,
		updating(place.organisationId, changes, condition, parts.clock),
		place.keyId,
	);
	const {result, barrier} = changed;
	// Where nothing was changed, only what may not be in force yet is worth telling.
	if (result?.kind !== 'unchanged' || (barrier?.unconfirmed.length ?? 0) > 0) return changed;
	return {result, barrier: undefined};
}

/** Has a key refused until it is resumed. */
export function suspend(
	parts: Parts,
	by: By,
	place: KeyPlace,
	reason: string | null,
): Promise<Changed<Altered | undefined>> {
	return alter(parts, by, place, suspending(reason, parts.clock));
}

/** Has a suspended key accepted again. */
export function resume(
	parts: Parts,
	by: By,
	place: KeyPlace,
): Promise<Changed<Altered | undefined>> {
	return alter(parts, by, place, resuming(parts.clock), place.keyId);
}

/** Ends a rotation: the old key goes, or the new one. */
export function endRotation(
	parts: Parts,
	by: By,
	place: KeyPlace,
	end: RotationEnd,
): Promise<Changed<Altered | undefined>> {
	return change(parts, place, (transaction) => end(transaction, by, place, parts.clock));
}

function alter(
	parts: Parts,
	by: By,
	place: KeyPlace,
	judging: Judging,
	row?: string,
): Promise<Changed<Altered | undefined>> {
	return change(parts, place, (transaction) => alterKey(transaction, by, place, judging), row);
}

async function change(
	{db, coherence, clock}: Parts,
	place: KeyPlace,
	run: (transaction: Knex.Transaction) => Promise<Altered | undefined>,
	row?: string,
): Promise<Changed<Altered | undefined>> {
	const {value: result, barrier} = await coherence.change(
		run,
		(altered) => altered?.kind === 'changed',
		row,
	);
	// Whoever made it so may not be answered yet: what this answer says must hold, too.
	let isRecent = false;
	if (result?.kind === 'unchanged') {
		const changedAt = result.row.changed_at?.getTime();
		isRecent = changedAt !== undefined && changedAt > clock.now() - recentSeconds * 1000;
	} else if (result?.kind === 'refused' && result.code === 'key_revoked') {
		isRecent = await wasRecentlyRevoked(db, place, 'key', recentSeconds);
	} else if (result?.kind === 'refused' && result.code === 'no_rotation') {
		// Either key may have been ended.
		isRecent = await wasRecentlyRevoked(db, place, 'chain', recentSeconds);
	}
	return {result, barrier: isRecent ? await coherence.waitForEarlier() : barrier};
}
