import {randomBytes, randomUUID} from 'node:crypto';
import type {Knex} from 'knex';
import type {WebhookSecretRow} from '../../db/tables.ts';
import {SealError} from '../../secrets/errors.ts';
import {sealedColumns} from '../../secrets/sealed-columns.ts';
import type {Vault} from '../../secrets/vault.ts';

const prefix = 'whsec_';
const secretBytes = 32;
/** Of the secrets that were replaced, this many sign, too; older ones end at once. */
const mostReplaced = 2;

/** A signing secret in the form of Standard Webhooks 1.0.0: `whsec_` and base64. */
export function newSecret(): string {
	return prefix + randomBytes(secretBytes).toString('base64');
}

/** @returns the bytes that sign */
export function secretKey(secret: string): Buffer {
	return Buffer.from(secret.slice(prefix.length), 'base64');
}

export async function insertSecret(
	db: Knex,
	vault: Vault,
	endpointId: string,
	secret: string,
): Promise<void> {
	const id = randomUUID();
	await db('webhook_secrets').insert({
		id,
		endpoint_id: endpointId,
		sealed: vault.seal(sealedColumns.webhookSecret, id, Buffer.from(secret)),
	});
}

/** Makes a new secret current; those before sign, too, for `graceSeconds` at most. */
export async function replaceSecret(
	transaction: Knex.Transaction,
	vault: Vault,
	endpointId: string,
	options: {secret: string; graceSeconds: number},
): Promise<{previousExpiresAt: Date}> {
	const replaced = await transaction('webhook_secrets')
		.where({endpoint_id: endpointId})
		.update({
			expires_at: transaction.raw("least(expires_at, now() + ? * interval '1 second')", [
				options.graceSeconds,
			]),
		})
		.returning('expires_at');
	const ends = replaced.map(({expires_at}) => expires_at?.getTime() ?? 0);
	if (ends.length === 0) throw new Error('an endpoint without a secret');
	await insertSecret(transaction, vault, endpointId, options.secret);
	await transaction('webhook_secrets')
		.whereIn(
			'id',
			transaction('webhook_secrets')
				.where({endpoint_id: endpointId})
				.orderByRaw('expires_at desc nulls first')
				.offset(1 + mostReplaced)
				.select('id'),
		)
		.delete();
	return {previousExpiresAt: new Date(Math.max(...ends))};
}

/** Takes away the secrets that were replaced. @returns how many still signed */
export async function dropReplaced(
	transaction: Knex.Transaction,
	endpointId: string,
): Promise<number> {
	const dropped = await transaction('webhook_secrets')
		.where({endpoint_id: endpointId})
		.whereNotNull('expires_at')
		.delete()
		.returning([transaction.raw('expires_at > now() as signed')]);
	return (dropped as {signed: boolean}[]).filter(({signed}) => signed).length;
}

/** A stored secret as it comes with a delivery. */
export type SealedSecret = {id: string; sealed: string};

/**
 * Those of the secrets that can be opened.
 *
 * @param secrets with `sealed` in hex
 * @param onFault told of each that cannot: it was altered, or its master key is not known
 * @returns the bytes that sign
 */
export function openWebhookSecrets(
	vault: Vault,
	secrets: readonly SealedSecret[],
	onFault: (error: SealError, id: string) => void,
): Buffer[] {
	return secrets.flatMap(({id, sealed}) => {
		try {
			const opened = vault.open(sealedColumns.webhookSecret, id, Buffer.from(sealed, 'hex'));
			return [secretKey(opened.toString())];
		} catch (error) {
			if (!(error instanceof SealError)) throw error;
			onFault(error, id);
			return [];
		}
	});
}

/** The bytes that sign for an endpoint now, newest first, by the clock of PostgreSQL. */
export async function signingKeysOf(db: Knex, vault: Vault, endpointId: string): Promise<Buffer[]> {
	const answer = await db.raw<{rows: SealedSecret[]}>(
		`select id, encode(sealed, 'hex') as sealed from webhook_secrets
		where endpoint_id = ? and (expires_at is null or expires_at > now())
		order by expires_at desc nulls first`,
		[endpointId],
	);
	return openWebhookSecrets(vault, answer.rows, (error) => {
		throw error;
	});
}

/** What may be shown of the secrets of endpoints that still sign. */
export async function listSecrets(
	db: Knex,
	endpointIds: readonly string[],
): Promise<Map<string, Pick<WebhookSecretRow, 'created_at' | 'expires_at'>[]>> {
	const rows = await db('webhook_secrets')
		.whereIn('endpoint_id', endpointIds)
		.whereRaw('(expires_at is null or expires_at > now())')
		.orderByRaw('expires_at desc nulls first')
		.select('endpoint_id', 'created_at', 'expires_at');
	return Map.groupBy(rows, (row) => row.endpoint_id);
}
