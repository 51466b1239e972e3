import type {Knex} from 'knex';
import type {RequestedTerms} from '../../contract/key-terms.ts';
import type {RevocationReason} from '../../contract/keys.ts';
import {toTimestamp} from '../../contract/text.ts';
import {accountIdOf, accountNameOf, userIdOf, type By} from '../actor.ts';
import {record} from '../audit/trail/record.ts';
import type {ApiKeyRow} from '../db/tables.ts';
import {policyDaysIn} from '../key-policies/enforced.ts';
import {readQuotaUsed} from '../limits/quota-used.ts';
import {requireTermsVersion} from '../verification/terms-version.ts';
import {columnsOf} from './columns.ts';
import {graceIsNotOver} from './grace.ts';
import {
	lineageOf,
	listed,
	presentForEvent,
	tellTerms,
	whole,
	type DetailedKey,
	type ListedKey,
	type WholeKey,
} from './present.ts';
import {roleNamesOf, rolesIn, setKeyRoles} from './roles/members.ts';
import {versionOfRequest} from './terms.ts';
import {hashKey, type KeyHash, type PlainKey} from './token.ts';

type NewKey = {name: string; hash: KeyHash; hint: string; terms: RequestedTerms};

/** Puts a key there; whoever does tells of it. */
export async function addKey(
	transaction: Knex.Transaction,
	by: By,
	organisationId: string,
	{name, hash, hint, terms}: NewKey,
	succession: Partial<Pick<ApiKeyRow, 'lineage_id' | 'replaces_id'>> = {},
): Promise<WholeKey> {
	const [made] = await transaction('api_keys')
		.insert({
			organisation_id: organisationId,
			name,
			hash,
			hint,
			created_by: userIdOf(by),
			created_by_service_account: accountNameOf(by),
			created_by_service_account_id: accountIdOf(by),
			...columnsOf(terms),
			...succession,
		})
		.returning(whole);
	if (made === undefined) throw new Error('insert of an API key returned no row');
	const roles = rolesIn(terms) ?? [];
	if (roles.length > 0) await setKeyRoles(transaction, organisationId, made.id, roles);
	return {...made, roles};
}

/** A key is found only by its id within an organisation: there is no unscoped find to forget. */
export async function insertKey(
	transaction: Knex.Transaction,
	by: By,
	organisationId: string,
	key: NewKey,
): Promise<WholeKey> {
	const version = versionOfRequest(key.terms);
	if (version > 1) await requireTermsVersion(transaction, version);
	const row = await addKey(transaction, by, organisationId, key);
	await record(transaction, by, {
		action: 'key.created',
		organisationId,
		target: {type: 'api_key', id: row.id, name: row.name},
		details: {
			hint: row.hint,
			expires_at: row.expires_at && toTimestamp(row.expires_at),
			...tellTerms(row),
		},
		event: {key: presentForEvent(row, row.created_at)},
	});
	return row;
}

/** @returns the key, with email or name of who made and who revoked it; undefined where there is none */
export async function findKey(
	db: Knex,
	organisationId: string,
	keyId: string,
): Promise<DetailedKey | undefined> {
	const row = await db('api_keys as k')
		.leftJoin('users as creator', 'creator.id', 'k.created_by')
		.leftJoin('users as revoker', 'revoker.id', 'k.revoked_by')
		.where({'k.organisation_id': organisationId, 'k.id': keyId})
		.first<(Omit<DetailedKey, 'quota_use'> & {read_at: Date}) | undefined>(
			...whole.map((column) => `k.${column}`),
			roleNamesOf(db, 'k'),
			'creator.email as created_by',
			'creator.id as created_by_id',
			db.raw('host(k.last_used_ip) as last_used_ip'),
			'k.last_used_agent',
			'k.last_used_address_at',
			'revoker.email as revoked_by',
			'revoker.id as revoked_by_id',
			'k.created_by_service_account',
			'k.created_by_service_account_id',
			'k.revoked_by_service_account',
			'k.revoked_by_service_account_id',
			'k.suspended_reason',
			'k.revocation_note',
			'k.changed_at',
			'k.rotation_ended_at',
			policyDaysIn(db, organisationId),
			db.raw('clock_timestamp() as read_at'),
		);
	if (row === undefined) return undefined;
	const {read_at: now, ...read} = row;
	const {quota} = row.terms;
	const ofKey = {organisationId, lineageId: lineageOf(row)};
	const quota_use = quota ? await readQuotaUsed(db, ofKey, quota, now.getTime()) : null;
	return {...read, quota_use};
}

/** The key that somebody has as a whole, whatever has become of it; its organisation is not asked for. */
export async function findPresented(
	db: Knex,
	key: PlainKey,
): Promise<Pick<ApiKeyRow, 'id' | 'name' | 'organisation_id'> | undefined> {
	return db('api_keys')
		.whereRaw('id = (select id from key_hashes where hash = ?)', [hashKey(key)])
		.first('id', 'name', 'organisation_id');
}

/** Why a key is revoked, and a note for whoever meets it later. */
export type Revocation = {reason?: RevocationReason | undefined; note?: string | undefined};

/** What came of it: `none` is a live key of that id in the organisation, `protected` one that stays as it is. */
export type Revoked = 'revoked' | 'protected' | 'none';

/** @returns `revoked`: nothing is done with the key any more */
export async function revokeKey(
	transaction: Knex.Transaction,
	by: By,
	organisationId: string,
	keyId: string,
	{reason = 'unspecified', note}: Revocation = {},
): Promise<Revoked> {
	// Waits for the changes that are made with the key, see `holdKey`.
	const [live] = await transaction('api_keys')
		.where({id: keyId, organisation_id: organisationId})
		.whereNull('revoked_at')
		.whereRaw(graceIsNotOver)
		.forUpdate()
		.select('delete_protected');
	if (live === undefined) return 'none';
	// What a rotation ends lives on in its other key.
	if (live.delete_protected && reason !== 'rotation') return 'protected';
	const [row] = await transaction('api_keys')
		.where({id: keyId})
		.update({
			revoked_at: transaction.raw('now()'),
			version: transaction.raw('version + 1'),
			revocation_reason: reason,
			revocation_note: note ?? null,
			revoked_by: userIdOf(by),
			revoked_by_service_account: accountNameOf(by),
			revoked_by_service_account_id: accountIdOf(by),
		})
		.returning<ListedKey[]>([...listed, roleNamesOf(transaction, 'api_keys')]);
	if (!row?.revoked_at) throw new Error('a key that is locked has gone');
	await record(transaction, by, {
		action: 'key.revoked',
		organisationId,
		target: {type: 'api_key', id: keyId, name: row.name},
		details: {hint: row.hint, reason, note},
		event: {key: presentForEvent(row, row.revoked_at), reason},
	});
	return 'revoked';
}

/** Of rows of `api_keys`. */
const isOfChain = `(
	select coalesce(lineage_id, id) from api_keys
	where id = :keyId and organisation_id = :organisationId
) in (id, lineage_id)`;

/** Revokes every live key of the chain that rotations made, or none where one of them is protected. */
export async function revokeLineage(
	transaction: Knex.Transaction,
	by: By,
	organisationId: string,
	keyId: string,
	why: Revocation,
): Promise<Revoked> {
	const lockLive = () =>
		transaction('api_keys')
			.where({organisation_id: organisationId})
			.whereNull('revoked_at')
			.whereRaw(graceIsNotOver)
			.whereRaw(isOfChain, {organisationId, keyId})
			.orderBy('id')
			.forUpdate()
			.select('id', 'delete_protected');
	let live = await lockLive();
	// One of them may have been rotated while its row was waited for.
	for (let known = -1; known !== live.length; live = await lockLive()) known = live.length;
	if (live.length === 0) return 'none';
	if (live.some((key) => key.delete_protected)) return 'protected';
	for (const {id} of live) await revokeKey(transaction, by, organisationId, id, why);
	return 'revoked';
}

/**
 * @param whose the key of that id, or any of the chain that rotations made of it
 * @returns whether one was revoked, or its grace ended, in the last seconds
 */
export async function wasRecentlyRevoked(
	db: Knex,
	{organisationId, keyId}: {organisationId: string; keyId: string},
	whose: 'key' | 'chain',
	seconds: number,
): Promise<boolean> {
	const query = db('api_keys')
		.where({organisation_id: organisationId})
		.whereRaw("greatest(revoked_at, rotation_ended_at) > now() - ? * interval '1 second'", [
			seconds,
		]);
	if (whose === 'key') query.where({id: keyId});
	else query.whereRaw(isOfChain, {organisationId, keyId});
	return (await query.first('id')) !== undefined;
}
