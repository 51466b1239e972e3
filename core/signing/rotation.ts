import type {Knex} from 'knex';
import {toTimestamp} from '../../contract/text.ts';
import type {By} from '../actor.ts';
import {record} from '../audit/trail/record.ts';
import {lockKeys} from '../secrets/master-keys.ts';
import type {Vault} from '../secrets/vault.ts';
import * as store from './store.ts';
import type {SigningPurpose} from '../db/tables.ts';
import {signingPurposes} from './store.ts';

/**
 * How long a key of access tokens is published before it signs, in seconds: twice as long as
 * verifiers may keep the JWKS. Whoever checks the audit trail fetches keys when it does.
 */
const publishedAhead: Record<SigningPurpose, number> = {access_token: 600, audit: 0};
/** Any process has noticed by then that it signs with another key, in seconds. */
const noticedAfter = 60;
/** The last token of a key has expired by then: ten minutes, the widest tolerance, some more. */
const verifiesFor = 1200;

export type Rotation = {purpose: SigningPurpose; kid: string; activatedAt: Date};

/** Makes the first key of each purpose, once, however many processes start at the same time. */
export async function ensureSigningKeys(db: Knex, vault: Vault): Promise<void> {
	for (const purpose of signingPurposes) {
		if (await store.hasSigningKey(db, purpose)) continue;
		await db.transaction(async (transaction) => {
			await lockKeys(transaction);
			if (await store.hasSigningKey(transaction, purpose)) return;
			await store.insertSigningKey(transaction, vault, purpose, 0);
		});
	}
}

/**
 * Publishes a new key. It signs after a while, and the old one verifies until its tokens have
 * expired: nobody notices. A key that waits already to sign is left to do so.
 */
export async function rotateSigningKey(
	db: Knex,
	vault: Vault,
	purpose: SigningPurpose,
	by: By,
): Promise<Rotation> {
	return db.transaction(async (transaction) => {
		await lockKeys(transaction);
		return rotate(transaction, vault, purpose, by);
	});
}

/**
 * Replaces the keys of a purpose at once, for when one may be known to others: every access token
 * ends within seconds, and its session goes on with a refresh. Heads of the audit trail that the
 * old keys signed stay verifiable.
 */
export async function replaceSigningKeys(
	db: Knex,
	vault: Vault,
	purpose: SigningPurpose,
	by: By,
): Promise<Rotation> {
	return db.transaction(async (transaction) => {
		await lockKeys(transaction);
		const made = await store.insertSigningKey(transaction, vault, purpose, 0);
		await store.retireOthers(transaction, purpose, made.kid);
		if (purpose === 'access_token') await store.deleteRetiredKeys(transaction, 0);
		await recordRotation(transaction, by, {purpose, ...made}, true);
		return {purpose, ...made};
	});
}

export type KeepCounts = {rotated: number; retired: number; deleted: number};

/**
 * What time asks for: a new key after so many days (0: never), the end of replaced ones. May run
 * any number of times, at once, or late.
 */
export async function keepSigningKeys(
	db: Knex,
	vault: Vault,
	days: number,
	by: By,
): Promise<KeepCounts> {
	return db.transaction(async (transaction) => {
		await lockKeys(transaction);
		const retired = await store.retireReplacedKeys(transaction, noticedAfter);
		const deleted = await store.deleteRetiredKeys(transaction, verifiesFor);
		let rotated = 0;
		for (const purpose of signingPurposes) {
			if (days === 0 || !(await store.isSigningKeyDue(transaction, purpose, days))) continue;
			await rotate(transaction, vault, purpose, by);
			rotated++;
		}
		return {rotated, retired, deleted};
	});
}

async function rotate(
	transaction: Knex.Transaction,
	vault: Vault,
	purpose: SigningPurpose,
	by: By,
): Promise<Rotation> {
	const waiting = await store.findNextSigningKey(transaction, purpose);
	if (waiting !== undefined) return {purpose, ...waiting};
	const ahead = publishedAhead[purpose];
	const made = await store.insertSigningKey(transaction, vault, purpose, ahead);
	await recordRotation(transaction, by, {purpose, ...made}, false);
	return {purpose, ...made};
}

async function recordRotation(
	transaction: Knex.Transaction,
	by: By,
	{purpose, kid, activatedAt}: Rotation,
	isAtOnce: boolean,
): Promise<void> {
	await record(transaction, by, {
		action: 'signing_key.rotated',
		target: {type: 'signing_key', id: kid},
		details: {purpose, signs_from: toTimestamp(activatedAt), at_once: isAtOnce},
	});
}
