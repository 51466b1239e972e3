import type {Knex} from 'knex';
import {mostClientSecrets} from '../../../contract/service-accounts.ts';
import {toTimestamp} from '../../../contract/text.ts';
import type {By} from '../../actor.ts';
import {record, type AuditEvent} from '../../audit/trail/record.ts';
import {sliceNewestFirst, type Slice} from '../../db/position.ts';
import type {ClientSecretRow, ServiceAccountRow} from '../../db/tables.ts';
import {hashKey, createKeyFormat, type PlainKey} from '../../keys/token.ts';
import {lockServiceAccount} from './store.ts';

/** Client secrets are made like API keys: 256 random bits and a checksum; only hashes are stored. */
export const clientSecrets = createKeyFormat('lksc_');

/**
 * @returns undefined where the organisation has no such service account; `'too many'` when it has as
 *   many secrets as it may have that have not run out
 */
export async function insertClientSecret(
	db: Knex,
	by: By,
	organisationId: string,
	accountId: string,
	given: {secret: PlainKey; expiresAt: Date | null},
): Promise<ClientSecretRow | 'too many' | undefined> {
	return db.transaction(async (transaction) => {
		const account = await lockServiceAccount(transaction, organisationId, accountId);
		if (account === undefined) return undefined;
		const live = await transaction('client_secrets')
			.where({service_account_id: accountId})
			.whereRaw('(expires_at is null or expires_at > now())')
			.select('id');
		if (live.length >= mostClientSecrets) return 'too many';
		const [row] = await transaction('client_secrets')
			.insert({
				service_account_id: accountId,
				hash: hashKey(given.secret),
				hint: clientSecrets.hint(given.secret),
				expires_at: given.expiresAt,
			})
			.returning('*');
		if (row === undefined) throw new Error('insert of a client secret returned no row');
		await record(transaction, by, changeOf('client_secret.created', account, row));
		return row;
	});
}

/** Newest first; none where the organisation has no such service account. */
export async function listClientSecrets(
	db: Knex,
	organisationId: string,
	accountId: string,
	slice: Slice,
): Promise<ClientSecretRow[]> {
	const account = db('service_accounts')
		.where({id: accountId, organisation_id: organisationId})
		.select('id');
	const query = db('client_secrets').select('*').whereIn('service_account_id', account);
	sliceNewestFirst(query, slice);
	return (await query) as ClientSecretRow[];
}

/** @returns what there is none of; undefined: the secret is gone */
export async function deleteClientSecret(
	db: Knex,
	by: By,
	organisationId: string,
	accountId: string,
	secretId: string,
): Promise<'no account' | 'no secret' | undefined> {
	return db.transaction(async (transaction) => {
		const account = await lockServiceAccount(transaction, organisationId, accountId);
		if (account === undefined) return 'no account';
		const [row] = await transaction('client_secrets')
			.where({id: secretId, service_account_id: accountId})
			.delete()
			.returning('*');
		if (row === undefined) return 'no secret';
		await record(transaction, by, changeOf('client_secret.revoked', account, row));
		return undefined;
	});
}

function changeOf(
	action: 'client_secret.created' | 'client_secret.revoked',
	account: ServiceAccountRow,
	secret: ClientSecretRow,
): AuditEvent {
	return {
		action,
		organisationId: account.organisation_id,
		target: {type: 'client_secret', id: secret.id, name: account.name},
		details: {
			service_account_id: account.id,
			hint: secret.hint,
			expires_at: secret.expires_at && toTimestamp(secret.expires_at),
		},
	};
}
