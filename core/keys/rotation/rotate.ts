import type {Knex} from 'knex';
import type {KeyPolicy} from '../../../contract/key-policies.ts';
import {termNames, type RequestedTerms} from '../../../contract/key-terms.ts';
import {
	defaultGraceSeconds,
	leastUnusedSeconds,
	type PreviousKey,
	type RotateKeyRequest,
} from '../../../contract/rotation.ts';
import {toTimestamp, wholeSecondOf} from '../../../contract/text.ts';
import type {By} from '../../actor.ts';
import {record} from '../../audit/trail/record.ts';
import type {Clock} from '../../clock/clock.ts';
import {faultOfGrace} from '../../key-policies/rules.ts';
import {holdKeyPolicies} from '../../key-policies/store.ts';
import {requireTermsVersion, versionsOfState} from '../../verification/terms-version.ts';
import {allowTerms, termsOf} from '../allowed.ts';
import {columnsOf} from '../columns.ts';
import {isGone} from '../grace.ts';
import type {KeyRefused} from '../proposal.ts';
import {asAccepted, lineageOf, presentForEvent, tellTerms, type DetailedKey} from '../present.ts';
import {addKey, findKey, revokeKey} from '../store.ts';
import {versionOfRequest} from '../terms.ts';
import type {KeyHash} from '../token.ts';
import {faultOfMetadata} from '../update.ts';
import {endGrace, findSuccession, lockKeyRows} from './succession.ts';

/* Replacing a key by another one that carries the same, and has the old one accepted for a while. */

/** What a key is replaced by, and until when it goes on itself. */
type Plan = {
	old: DetailedKey;
	name: string;
	/** All that the new key is to carry. */
	terms: RequestedTerms;
	/** Null: the old key is revoked at once. */
	graceUntil: Date | null;
	/** The key before the old one, if it is still in its grace: it is ended. */
	predecessor: DetailedKey | undefined;
};

export type Rotated = {kind: 'rotated'; row: DetailedKey; previous: PreviousKey};

/**
 * Replaces a key of an organisation, with entry and event. Of two at once the second finds it
 * replaced.
 *
 * @param secret of the new key
 * @returns undefined where there is no such key
 * @throws {UpgradeInProgress}
 */
export async function rotateKey(
	transaction: Knex.Transaction,
	by: By,
	{organisationId, keyId}: {organisationId: string; keyId: string},
	{request, secret}: {request: RotateKeyRequest; secret: {hash: KeyHash; hint: string}},
	clock: Pick<Clock, 'now'>,
): Promise<Rotated | KeyRefused | undefined> {
	const plan = async () => {
		const now = clock.now();
		const {effective: policy} = await holdKeyPolicies(transaction, organisationId);
		const old = await findKey(transaction, organisationId, keyId);
		if (old === undefined) return undefined;
		const succession = await findSuccession(transaction, {organisationId, keyId: old.id}, now);
		const predecessor = succession?.old.id === old.id ? undefined : succession?.old;
		const planned = planOf(old, predecessor, request, {policy, now});
		if (planned.kind === 'refused') return planned;
		const proposal = {organisationId, terms: planned.terms};
		const allowed = await allowTerms(transaction, by, proposal, now);
		return allowed.kind === 'refused' ? allowed : {...planned, terms: allowed.terms};
	};
	// Before anything is locked, and before a version is required, which would outlast a refusal.
	const early = await plan();
	if (early?.kind !== 'planned') return early;
	const ofGrace = early.graceUntil === null ? 1 : versionsOfState.grace;
	const version = Math.max(ofGrace, versionOfRequest(early.terms));
	if (version > 1) await requireTermsVersion(transaction, version);
	await lockKeyRows(transaction, [keyId, early.predecessor?.id]);
	const planned = await plan();
	if (planned?.kind !== 'planned') return planned;
	const row = await carryOut(transaction, by, organisationId, planned, secret, request);
	return {kind: 'rotated', ...row};
}

/** What a rotation comes to, judged by the key as it is. */
function planOf(
	old: DetailedKey,
	predecessor: DetailedKey | undefined,
	request: RotateKeyRequest,
	{policy, now}: {policy: KeyPolicy; now: number},
): KeyRefused | (Plan & {kind: 'planned'}) {
	const {replaced_by_id: successor} = old;
	if (successor !== null) {
		const message = `The API key has already been rotated; its successor is ${successor}`;
		return {kind: 'refused', code: 'already_rotated', message};
	}
	if (isGone(old, now)) return {kind: 'refused', code: 'key_revoked'};
	if (predecessor !== undefined && request.finish_previous !== true) {
		return {kind: 'refused', code: 'rotation_open'};
	}
	const {finish_when_unused_seconds: unused} = request;
	const grace = request.grace_seconds ?? policy.default_grace_seconds ?? defaultGraceSeconds;
	const terms = termsAfter(old, request, now);
	const fault = faultOfGrace(policy, grace) ?? faultOfMetadata(terms);
	if (fault !== undefined) return fault;
	if (unused !== undefined && unused > grace) {
		const field = 'finish_when_unused_seconds';
		const message =
			grace < leastUnusedSeconds
				? `${field} must be left out where grace_seconds is below ${leastUnusedSeconds}`
				: `${field} must be a whole number from ${leastUnusedSeconds} to ${grace}`;
		return {kind: 'refused', code: 'invalid_field', message, field};
	}
	return {
		kind: 'planned',
		old,
		name: request.name ?? old.name,
		terms,
		graceUntil: graceUntil(asAccepted(old), grace, now),
		predecessor,
	};
}

/** To the second, and never beyond the end of the key itself. */
function graceUntil({expires_at: end}: DetailedKey, seconds: number, now: number): Date | null {
	if (seconds === 0 || (end !== null && end.getTime() <= now)) return null;
	const until = (Math.ceil(now / 1000) + seconds) * 1000;
	return new Date(Math.min(until, end?.getTime() ?? Infinity));
}

/**
 * All that the old key carries, changed by what the request names, as a change of it would be; its
 * whole lifetime begins anew.
 */
function termsAfter(old: DetailedKey, request: RotateKeyRequest, now: number): RequestedTerms {
	const named: RequestedTerms = Object.fromEntries(
		termNames.filter((name) => request[name] !== undefined).map((name) => [name, request[name]]),
	);
	// In the order of the request, for what is wrong with one of them.
	const roles = named.roles === undefined ? old.roles : (named.roles ?? []);
	// What it does not carry the new one does not get either, whatever the policy gives a key that is made.
	const unlimited = {rate_limits: null, quota: null};
	const terms = {...unlimited, ...termsOf({...old, ...columnsOf(named, old), roles})};
	return named.expires_at === undefined ? {...terms, expires_at: endAfter(old, now)} : terms;
}

/** @returns undefined where the old key has no end: a policy may give the new one its own */
function endAfter({expires_at: end, created_at: begin}: DetailedKey, now: number) {
	if (end === null) return undefined;
	return new Date(wholeSecondOf(now) + end.getTime() - wholeSecondOf(begin.getTime()));
}

async function carryOut(
	transaction: Knex.Transaction,
	by: By,
	organisationId: string,
	{old, name, terms, graceUntil: until, predecessor}: Plan,
	secret: {hash: KeyHash; hint: string},
	request: RotateKeyRequest,
): Promise<Omit<Rotated, 'kind'>> {
	const reason = request.reason ?? null;
	if (predecessor !== undefined) {
		await endGrace(transaction, by, organisationId, predecessor, 'request');
	}
	const {id} = await addKey(
		transaction,
		by,
		organisationId,
		{name, terms, ...secret},
		{lineage_id: lineageOf(old), replaces_id: old.id},
	);
	await transaction('api_keys')
		.where({id: old.id})
		.update({
			replaced_by_id: id,
			grace_until: until,
			finish_when_unused_seconds: request.finish_when_unused_seconds ?? null,
			changed_at: transaction.raw('now()'),
			version: transaction.raw('version + 1'),
		});
	const row = await findKey(transaction, organisationId, id);
	if (row === undefined) throw new Error('a key that was just made has gone');
	const previous = {id: old.id, hint: old.hint, grace_until: until && toTimestamp(until)};
	await record(transaction, by, {
		action: 'key.rotated',
		organisationId,
		target: {type: 'api_key', id, name},
		details: {
			hint: row.hint,
			previous_id: previous.id,
			previous_hint: previous.hint,
			grace_until: previous.grace_until,
			reason,
			...tellTerms(row),
		},
		event: {key: presentForEvent(row, row.created_at), previous, reason},
	});
	if (until === null) {
		const why = {reason: 'rotation', note: reason ?? undefined} as const;
		await revokeKey(transaction, by, organisationId, old.id, why);
	}
	return {row, previous};
}
