import type {Knex} from 'knex';
import type {EventType} from '../../../contract/events.ts';
import type {AttemptResult, DeliveryStatus, Timings} from '../../../contract/webhooks.ts';
import {sliceNewestFirst, type Slice} from '../../db/position.ts';
import type {WebhookDeliveryRow} from '../../db/tables.ts';

export type DeliveryFilter = {
	endpoint_id?: string | undefined;
	event_type?: EventType | undefined;
	status?: DeliveryStatus | undefined;
	since?: Date | undefined;
	until?: Date | undefined;
};

/** Newest first. */
export async function listDeliveries(
	db: Knex,
	organisationId: string,
	filter: DeliveryFilter,
	slice: Slice,
): Promise<WebhookDeliveryRow[]> {
	const query = db('webhook_deliveries').select('*').where({organisation_id: organisationId});
	if (filter.endpoint_id !== undefined) query.where({endpoint_id: filter.endpoint_id});
	if (filter.event_type !== undefined) query.where({event_type: filter.event_type});
	if (filter.status !== undefined) query.where({status: filter.status});
	if (filter.since !== undefined) query.where('created_at', '>=', filter.since);
	if (filter.until !== undefined) query.where('created_at', '<', filter.until);
	sliceNewestFirst(query, slice);
	return (await query) as WebhookDeliveryRow[];
}

/** Few enough for the request path's bound on a statement, and for a client that reads slowly. */
const batchSize = 500;

/** All of them, newest first, read as they are taken; those that come meanwhile are left out. */
export async function* everyDelivery(
	db: Knex,
	organisationId: string,
	filter: DeliveryFilter,
): AsyncGenerator<WebhookDeliveryRow[], void> {
	let position: Slice['position'];
	for (;;) {
		const rows = await listDeliveries(db, organisationId, filter, {limit: batchSize, position});
		const last = rows.at(-1);
		if (last === undefined) return;
		yield rows;
		position = {createdAt: last.created_at.toISOString(), id: last.id};
	}
}

export type AttemptRow = {
	delivery_id: string;
	number: number;
	started_at: Date;
	timings: Timings;
	address: string | null;
	status_code: number | null;
	result: AttemptResult;
	detail: string | null;
	response_headers: Record<string, string> | null;
	response_body: string | null;
};

export type DeliveryWithLog = {
	delivery: WebhookDeliveryRow;
	url: string;
	payload: string;
	attempts: AttemptRow[];
};

/** One delivery with what was sent and each attempt. */
export async function findDelivery(
	db: Knex,
	organisationId: string,
	id: string,
): Promise<DeliveryWithLog | undefined> {
	const row = await db('webhook_deliveries as d')
		.join('webhook_endpoints as e', 'e.id', 'd.endpoint_id')
		.join('events as v', (on) => {
			on.on('v.id', 'd.event_id').on('v.api_version', 'd.api_version');
		})
		.where({'d.id': id, 'd.organisation_id': organisationId})
		.select('d.*', 'e.url', 'v.payload')
		.first<(WebhookDeliveryRow & {url: string; payload: string}) | undefined>();
	if (row === undefined) return undefined;
	const attempts = await db<AttemptRow>('webhook_attempts')
		.where({delivery_id: id})
		.orderBy('number');
	const {url, payload, ...delivery} = row;
	return {delivery, url, payload, attempts};
}
