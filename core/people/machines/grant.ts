import type {Knex} from 'knex';
import type {By} from '../../actor.ts';
import {record} from '../../audit/trail/record.ts';
import {hashKey} from '../../keys/token.ts';
import type {ServiceAccountCaller} from '../caller.ts';
import {clientSecrets} from './secrets.ts';

export type Grant =
	| {kind: 'granted'; accountId: string; secretId: string; organisationId: string}
	/** The caller is not told why. */
	| {kind: 'refused'; reason: GrantRefusal; account: GrantAccount | undefined};

export type GrantRefusal = 'unknown' | 'secret' | 'expired' | 'disabled';
/** Whom a refusal is about, where the client id is that of one. */
export type GrantAccount = {id: string; name: string; organisationId: string};

/**
 * Checks the credentials of a service account (OAuth 2.0 client credentials) and notes that they
 * were used; the first use of a secret in an hour goes to the audit trail.
 *
 * @param credentials.clientId a UUID
 */
export async function grantToken(
	db: Knex,
	by: By,
	credentials: {clientId: string; secret: string},
): Promise<Grant> {
	const {clientId} = credentials;
	return db.transaction(async (transaction) => {
		const row = await transaction('service_accounts')
			.where({id: clientId})
			.select('id', 'name', 'organisation_id', 'disabled_at')
			.first();
		if (row === undefined) return {kind: 'refused', reason: 'unknown', account: undefined};
		const account = {id: row.id, name: row.name, organisationId: row.organisation_id};
		const secret = clientSecrets.parse(credentials.secret);
		const found =
			secret &&
			(await transaction('client_secrets')
				.where({service_account_id: clientId, hash: hashKey(secret)})
				.forUpdate()
				.select('id', 'hint')
				.select(transaction.raw('coalesce(expires_at <= now(), false) as is_expired'))
				.select(
					transaction.raw(
						"coalesce(date_trunc('hour', last_used_at) = date_trunc('hour', now()), false) as is_recorded",
					),
				)
				.first<{id: string; hint: string; is_expired: boolean; is_recorded: boolean}>());
		if (found === undefined) return {kind: 'refused', reason: 'secret', account};
		if (found.is_expired) return {kind: 'refused', reason: 'expired', account};
		if (row.disabled_at !== null) return {kind: 'refused', reason: 'disabled', account};

		await transaction('client_secrets')
			.where({id: found.id})
			.update({last_used_at: transaction.raw('now()')});
		if (!found.is_recorded) {
			const actor = {type: 'service_account', id: row.id, name: row.name} as const;
			await record(
				transaction,
				{...by, actor},
				{
					action: 'token.issued',
					organisationId: row.organisation_id,
					target: {type: 'client_secret', id: found.id, name: row.name},
					details: {hint: found.hint},
				},
			);
		}
		const {organisationId} = account;
		return {kind: 'granted', accountId: clientId, secretId: found.id, organisationId};
	});
}

/** As `findGranted`, and so it stays until the transaction ends: whoever disables it or revokes a secret waits. */
export async function holdGranted(
	transaction: Knex.Transaction,
	token: {accountId: string; secretId: string; organisationId: string},
): Promise<ServiceAccountCaller | undefined> {
	await transaction('service_accounts').where({id: token.accountId}).forKeyShare().first('id');
	return findGranted(transaction, token);
}

/** The service account of an access token, if it is not disabled and the secret still counts. */
export async function findGranted(
	db: Knex,
	token: {accountId: string; secretId: string; organisationId: string},
): Promise<ServiceAccountCaller | undefined> {
	const row = await db('service_accounts as a')
		.join('client_secrets as s', 's.service_account_id', 'a.id')
		.where({
			'a.id': token.accountId,
			'a.organisation_id': token.organisationId,
			's.id': token.secretId,
		})
		.whereNull('a.disabled_at')
		.whereRaw('(s.expires_at is null or s.expires_at > now())')
		.select('a.id', 'a.name', 'a.organisation_id', 'a.role')
		.first();
	if (row === undefined) return undefined;
	return {
		kind: 'service_account',
		id: row.id,
		name: row.name,
		organisationId: row.organisation_id,
		role: row.role,
	};
}
