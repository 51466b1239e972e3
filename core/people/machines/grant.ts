import type {Knex} from 'knex';
import type {By} from '../../actor.ts';
import {record} from '../../audit/trail/record.ts';
import {hashKey} from '../../keys/token.ts';
import type {ServiceAccountCaller} from '../caller.ts';
import type {ServiceAccountRow} from '../../db/tables.ts';
import {clientSecrets} from './secrets.ts';

export type Grant =
	| {kind: 'granted'; accountId: string; secretId: string; organisationId: string}
	/** The caller is not told why. */
	| {kind: 'refused'; reason: GrantRefusal; account: GrantAccount | undefined};

export type GrantRefusal = 'unknown' | 'secret' | 'expired' | 'disabled';
/** Whom a refusal is about, where the client id is that of one. */
export type GrantAccount = {id: string; name: string; organisationId: string};

/** A service account by one of its secrets. */
export type FoundClient =
	/** `isUseDue`: its last use is so long ago that another one is worth a write. */
	| {kind: 'found'; caller: ServiceAccountCaller; secretId: string; isUseDue: boolean}
	| (Grant & {kind: 'refused'});

/** @param clientId a UUID */
type Credentials = {clientId: string; secret: string};

/**
 * Whom a client id and a secret are of: OAuth 2.0 client credentials, checked by one statement, since
 * a service that asks about keys may send them with each request.
 */
export async function findClient(db: Knex, credentials: Credentials): Promise<FoundClient> {
	const {clientId} = credentials;
	const secret = clientSecrets.parse(credentials.secret);
	const row = await db('service_accounts as a')
		.leftJoin('client_secrets as s', (join) => {
			join
				.on('s.service_account_id', 'a.id')
				.andOn('s.hash', db.raw('?', [secret === undefined ? null : hashKey(secret)]));
		})
		.where({'a.id': clientId})
		.select('a.id', 'a.name', 'a.organisation_id', 'a.role', 'a.disabled_at')
		.select({secret_id: 's.id'})
		.select(db.raw('coalesce(s.expires_at <= now(), false) as is_expired'))
		.select(db.raw("coalesce(s.last_used_at < now() - interval '1 minute', true) as is_use_due"))
		.first<
			| (Pick<ServiceAccountRow, 'id' | 'name' | 'organisation_id' | 'role' | 'disabled_at'> & {
					secret_id: string | null;
					is_expired: boolean;
					is_use_due: boolean;
			  })
			| undefined
		>();
	if (row === undefined) return {kind: 'refused', reason: 'unknown', account: undefined};
	const {id, name, organisation_id: organisationId, role, secret_id: secretId} = row;
	const account = {id, name, organisationId};
	if (secretId === null) return {kind: 'refused', reason: 'secret', account};
	if (row.is_expired) return {kind: 'refused', reason: 'expired', account};
	if (row.disabled_at !== null) return {kind: 'refused', reason: 'disabled', account};
	const caller = {...account, kind: 'service_account', role} as const;
	return {kind: 'found', caller, secretId, isUseDue: row.is_use_due};
}

/** Notes that a secret was used just now, unless somebody else is doing so. */
export async function noteUse(db: Knex, secretId: string): Promise<void> {
	await db('client_secrets')
		.whereIn('id', (due) => {
			due.from('client_secrets').where({id: secretId}).forUpdate().skipLocked().select('id');
		})
		.update({last_used_at: db.raw('now()')});
}

/**
 * Checks the credentials of a service account and notes that a token was made with them; the first
 * of a secret in an hour goes to the audit trail.
 */
export async function grantToken(db: Knex, by: By, credentials: Credentials): Promise<Grant> {
	return db.transaction(async (transaction) => {
		const found = await findClient(transaction, credentials);
		if (found.kind === 'refused') return found;
		const {caller, secretId} = found;
		const {id: accountId, name, organisationId} = caller;
		const [secret] = await transaction('client_secrets')
			.where({id: secretId})
			.forUpdate()
			.select('hint')
			.select<{hint: string; is_recorded: boolean}[]>(
				transaction.raw(
					"coalesce(date_trunc('hour', token_recorded_at) = date_trunc('hour', now()), false) as is_recorded",
				),
			);
		if (secret === undefined) {
			return {kind: 'refused', reason: 'secret', account: {id: accountId, name, organisationId}};
		}
		const now = transaction.raw('now()');
		await transaction('client_secrets')
			.where({id: secretId})
			.update({last_used_at: now, ...(secret.is_recorded ? {} : {token_recorded_at: now})});
		if (!secret.is_recorded) {
			const actor = {type: 'service_account', id: accountId, name} as const;
			await record(
				transaction,
				{...by, actor},
				{
					action: 'token.issued',
					organisationId,
					target: {type: 'client_secret', id: secretId, name},
					details: {hint: secret.hint},
				},
			);
		}
		return {kind: 'granted', accountId, secretId, organisationId};
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
