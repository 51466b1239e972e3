import type {Knex} from 'knex';
import type {EventData} from '../../contract/events.ts';
import type {By} from '../actor.ts';
import {record, type AuditEvent} from '../audit/trail/record.ts';
import type {Clock} from '../clock/clock.ts';
import type {ApiKeyRow} from '../db/tables.ts';
import {requireTermsVersion} from '../verification/terms-version.ts';
import {allowTerms, allowUnconditional} from './allowed.ts';
import type {DetailedKey} from './present.ts';
import type {KeyRefused, Proposal} from './proposal.ts';
import {setKeyRoles} from './roles/members.ts';
import {findKey} from './store.ts';

/** Changing a key that stays one: what may be done with it now, and what not. */

type Action = 'key.updated' | 'key.suspended' | 'key.resumed';

/** What is told of a change, in the trail and in the event. */
type Told = {
	[A in Action]: {
		action: A;
		details: NonNullable<AuditEvent['details']>;
		event: EventData[A];
	};
}[Action];

/** What a change comes to, judged by the key as it is while nobody else can change it. */
type Judgement =
	| KeyRefused
	/** It is so already: there is nothing to change, and nothing to tell. */
	| {kind: 'unchanged'}
	| {
			kind: 'change';
			/** What it is to carry, where that changes: it is asked whether it may. */
			proposal?: Proposal;
			columns: Partial<Omit<ApiKeyRow, 'id' | 'organisation_id' | 'hash' | 'created_at'>>;
			/** Names of the roles that it is to have, where that changes. */
			roles?: readonly string[] | undefined;
			/** @param row the key as it is then, @param at the time of the change */
			tell: (row: DetailedKey, at: Date) => Told;
	  };

export type Altered = KeyRefused | {kind: 'unchanged' | 'changed'; row: DetailedKey};

/** A kind of change. */
export type Judging = {
	/** Which version of the terms of keys every server must understand for it. */
	termsVersion: number;
	judge: (row: DetailedKey) => Judgement;
	clock: Pick<Clock, 'now'>;
	/** Whoever asks does not say which version of the key is meant, though they could. */
	isUnconditional?: boolean;
};

/**
 * Changes a key of an organisation, with its entry and event. Two changes of a key wait for each
 * other: the second is judged by what the first has made of it.
 *
 * @returns the key as it is then; undefined where there is none
 * @throws {UpgradeInProgress}
 */
export async function alterKey(
	transaction: Knex.Transaction,
	by: By,
	{organisationId, keyId}: {organisationId: string; keyId: string},
	{termsVersion, judge, clock, isUnconditional}: Judging,
): Promise<Altered | undefined> {
	const find = () => findKey(transaction, organisationId, keyId);
	const judged = async () => {
		const row = await find();
		if (row === undefined) return undefined;
		const blind = isUnconditional && (await allowUnconditional(transaction, organisationId));
		if (blind) return blind;
		const judgement = judge(row);
		if (judgement.kind === 'unchanged') return {...judgement, row};
		if (judgement.kind === 'refused' || judgement.proposal === undefined) return judgement;
		const allowed = await allowTerms(transaction, by, judgement.proposal, clock.now());
		return allowed.kind === 'refused' ? allowed : judgement;
	};
	// Where there is nothing to change, nobody is waited for: many may ask for the same at once.
	const early = await judged();
	if (early?.kind !== 'change') return early;
	// Before anything is locked.
	if (termsVersion > 1) await requireTermsVersion(transaction, termsVersion);
	// Waits for the changes that are made with the key, see `holdKey`.
	await transaction('api_keys').where({id: keyId}).forUpdate().select('id');
	const judgement = await judged();
	if (judgement?.kind !== 'change') return judgement;
	const {columns, roles, tell} = judgement;
	await transaction('api_keys')
		.where({id: keyId})
		.update({
			...columns,
			changed_at: transaction.raw('now()'),
			version: transaction.raw('version + 1'),
		});
	if (roles !== undefined) await setKeyRoles(transaction, organisationId, keyId, roles);
	const row = await find();
	if (!row?.changed_at) throw new Error('a key that is locked has gone');
	await record(transaction, by, {
		organisationId,
		target: {type: 'api_key', id: keyId, name: row.name},
		...tell(row, row.changed_at),
	});
	return {kind: 'changed', row};
}
