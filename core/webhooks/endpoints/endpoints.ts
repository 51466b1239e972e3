import {randomUUID} from 'node:crypto';
import type {Knex} from 'knex';
import {apiVersion, type EventType} from '../../../contract/events.ts';
import type {DisabledReason, EndpointStatus} from '../../../contract/webhooks.ts';
import {userIdOf, type By} from '../../actor.ts';
import {record, type AuditEvent} from '../../audit/trail/record.ts';
import {confirmRights} from '../../audit/trail/rights.ts';
import type {WebhookEndpointRow} from '../../db/tables.ts';
import {publish} from '../../events/publish.ts';
import {requireRoom} from '../../organisations/limits.ts';
import type {Vault} from '../../secrets/vault.ts';
import {healthy} from './breaker.ts';
import {sealHeaders} from './headers.ts';
import {replayMissed} from './missed.ts';
import {nameOf, publicUrl} from './public-url.ts';
import {dropReplaced, insertSecret, newSecret, replaceSecret} from './secrets.ts';

/**
 * Creates an endpoint with its first secret.
 *
 * @param most endpoints that the organisation may have
 * @returns both; the secret is not shown again
 * @throws {LimitReached}
 */
export async function createEndpoint(
	db: Knex,
	vault: Vault,
	by: By,
	organisationId: string,
	endpoint: {
		url: string;
		description: string | null;
		eventTypes: EventType[] | null;
		customHeaders?: Record<string, string> | undefined;
	},
	most: number,
): Promise<{row: WebhookEndpointRow; secret: string}> {
	return db.transaction(async (transaction) => {
		const existing = transaction('webhook_endpoints')
			.where({organisation_id: organisationId})
			.select('id');
		await requireRoom(transaction, organisationId, existing, {limit: 'webhookEndpoints', most});
		const id = randomUUID();
		const [row] = await transaction('webhook_endpoints')
			.insert({
				id,
				organisation_id: organisationId,
				url: endpoint.url,
				description: endpoint.description,
				event_types: endpoint.eventTypes,
				api_version: apiVersion,
				created_by: userIdOf(by),
				...sealHeaders(vault, id, endpoint.customHeaders ?? {}),
			})
			.returning('*');
		if (row === undefined) throw new Error('insert of an endpoint returned no row');
		const secret = newSecret();
		await insertSecret(transaction, vault, row.id, secret);
		await record(transaction, by, entryOf('webhook.created', row));
		return {row, secret};
	});
}

/** Newest first. */
export async function listEndpoints(
	db: Knex,
	organisationId: string,
): Promise<WebhookEndpointRow[]> {
	return await db('webhook_endpoints')
		.where({organisation_id: organisationId})
		.orderBy([
			{column: 'created_at', order: 'desc'},
			{column: 'id', order: 'desc'},
		]);
}

export async function findEndpoint(
	db: Knex,
	organisationId: string,
	id: string,
): Promise<WebhookEndpointRow | undefined> {
	return await db('webhook_endpoints').where({id, organisation_id: organisationId}).first();
}

/** Changes the given members. @returns undefined when the organisation has no such endpoint */
export async function updateEndpoint(
	db: Knex,
	vault: Vault,
	by: By,
	organisationId: string,
	id: string,
	change: {
		url?: string | undefined;
		description?: string | null | undefined;
		event_types?: EventType[] | null | undefined;
		custom_headers?: Record<string, string> | undefined;
		status?: EndpointStatus | undefined;
		replay_missed?: boolean | undefined;
	},
): Promise<WebhookEndpointRow | undefined> {
	return db.transaction(async (transaction) => {
		await confirmRights(transaction, by);
		const before = await transaction('webhook_endpoints')
			.where({id, organisation_id: organisationId})
			.forUpdate()
			.first();
		if (before === undefined) return undefined;
		const {url = before.url, description = before.description} = change;
		const {event_types: eventTypes = before.event_types, status = before.status} = change;
		const {custom_headers: headers} = change;
		let row = before;
		// Headers are sealed: whether they are others is not looked at.
		const changed = changedMembers({url, description, event_types: eventTypes}, before);
		if (headers !== undefined || changed.length > 0) {
			const sealed = headers === undefined ? {} : sealHeaders(vault, id, headers);
			row = await save(transaction, id, {url, description, event_types: eventTypes, ...sealed});
			const entry = entryOf('webhook.updated', row);
			const members = [...changed, ...(headers === undefined ? [] : ['custom_headers'])];
			await record(transaction, by, {
				...entry,
				details: {...entry.details, changed: members.join(', ')},
			});
		}
		if (status === 'disabled' && before.status === 'active') {
			return disableEndpoint(transaction, by, row, 'request');
		}
		if (status === 'active' && before.status === 'disabled') {
			row = await save(transaction, id, {...healthy, status: 'active'});
			await record(transaction, by, entryOf('webhook.enabled', row));
			if (change.replay_missed) await replayMissed(transaction, by, before);
		}
		return row;
	});
}

/** Names of what is another than before: of a URL only its host is on record. */
function changedMembers(
	change: Pick<WebhookEndpointRow, 'url' | 'description' | 'event_types'>,
	before: WebhookEndpointRow,
): string[] {
	const members = ['url', 'description', 'event_types'] as const;
	return members.filter((name) => JSON.stringify(change[name]) !== JSON.stringify(before[name]));
}

/** Sends nothing more to an endpoint; what waits is cancelled, the other endpoints are told. */
export async function disableEndpoint(
	transaction: Knex.Transaction,
	by: By,
	endpoint: WebhookEndpointRow,
	reason: DisabledReason,
): Promise<WebhookEndpointRow> {
	const row = await save(transaction, endpoint.id, {
		status: 'disabled',
		disabled_at: transaction.raw('now()'),
		disabled_reason: reason,
	});
	await transaction('webhook_deliveries')
		.where({endpoint_id: endpoint.id})
		.whereIn('status', ['pending', 'queued'])
		.update({status: 'cancelled', finished_at: transaction.raw('now()')});
	const entry = entryOf('webhook.disabled', row);
	await record(transaction, by, {...entry, details: {...entry.details, reason}});
	await publish(transaction, by, {
		type: 'webhook.endpoint_disabled',
		organisationId: row.organisation_id,
		data: {endpoint: {id: row.id, url: publicUrl(row.url), reason}},
	});
	return row;
}

/** @returns whether there was such an endpoint; its deliveries went with it */
export async function deleteEndpoint(
	db: Knex,
	by: By,
	organisationId: string,
	id: string,
): Promise<boolean> {
	return db.transaction(async (transaction) => {
		await confirmRights(transaction, by);
		const [row] = await transaction('webhook_endpoints')
			.where({id, organisation_id: organisationId})
			.delete()
			.returning('*');
		if (row === undefined) return false;
		await record(transaction, by, entryOf('webhook.deleted', row));
		return true;
	});
}

/** Makes a new secret for an endpoint. @returns undefined when the organisation has no such endpoint */
export async function rotateSecret(
	db: Knex,
	vault: Vault,
	by: By,
	organisationId: string,
	id: string,
	graceSeconds: number,
): Promise<{secret: string; previousExpiresAt: Date} | undefined> {
	return db.transaction(async (transaction) => {
		await confirmRights(transaction, by);
		const row = await transaction('webhook_endpoints')
			.where({id, organisation_id: organisationId})
			.forUpdate()
			.first();
		if (row === undefined) return undefined;
		const secret = newSecret();
		const replaced = await replaceSecret(transaction, vault, id, {secret, graceSeconds});
		const entry = entryOf('webhook.secret_rotated', row);
		await record(transaction, by, {
			...entry,
			details: {...entry.details, grace_seconds: graceSeconds},
		});
		return {secret, ...replaced};
	});
}

/**
 * Ends the secrets that were replaced before their time is over.
 *
 * @returns undefined when the organisation has no such endpoint
 */
export async function revokeReplacedSecrets(
	db: Knex,
	by: By,
	organisationId: string,
	id: string,
): Promise<WebhookEndpointRow | undefined> {
	return db.transaction(async (transaction) => {
		await confirmRights(transaction, by);
		const row = await transaction('webhook_endpoints')
			.where({id, organisation_id: organisationId})
			.forUpdate()
			.first();
		if (row === undefined) return undefined;
		const count = await dropReplaced(transaction, id);
		const entry = entryOf('webhook.secrets_revoked', row);
		await record(transaction, by, {...entry, details: {...entry.details, count}});
		return row;
	});
}

async function save(
	transaction: Knex.Transaction,
	id: string,
	values: {[Column in keyof WebhookEndpointRow]?: WebhookEndpointRow[Column] | Knex.Raw},
): Promise<WebhookEndpointRow> {
	const [row] = await transaction('webhook_endpoints')
		.where({id})
		.update({...values, updated_at: transaction.raw('now()')})
		.returning('*');
	if (row === undefined) throw new Error('update of an endpoint returned no row');
	return row;
}

type EndpointAction =
	| 'webhook.created'
	| 'webhook.updated'
	| 'webhook.enabled'
	| 'webhook.disabled'
	| 'webhook.deleted'
	| 'webhook.secret_rotated'
	| 'webhook.secrets_revoked';

function entryOf(action: EndpointAction, row: WebhookEndpointRow) {
	return {
		action,
		organisationId: row.organisation_id,
		target: {type: 'webhook', id: row.id, name: nameOf(row)},
		details: {url: publicUrl(row.url)},
	} satisfies AuditEvent;
}
