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

/** A delivery, and the API key that its event is about. */
export type ToldDelivery = WebhookDeliveryRow & {key: {id: string; name: string} | null};

/** The API key that the event of a row of `webhook_deliveries` is about, as its payload tells. */
const aboutKey = `(
	select json_build_object('id', v.payload::json #>> '{data,key,id}', 'name', v.payload::json #>> '{data,key,name}')
	from events v
	where v.id = webhook_deliveries.event_id and v.api_version = webhook_deliveries.api_version
		and v.payload::json #>> '{data,key,id}' is not null
) as key`;

/** Newest first. */
export async function listDeliveries(
	db: Knex,
	organisationId: string,
	filter: DeliveryFilter,
	slice: Slice,
): Promise<ToldDelivery[]> {
	const query = db('webhook_deliveries')
		.select('*', db.raw(aboutKey))
		.where({organisation_id: organisationId});
	if (filter.endpoint_id !== undefined) query.where({endpoint_id: filter.endpoint_id});
	if (filter.event_type !== undefined) query.where({event_type: filter.event_type});
	if (filter.status !== undefined) query.where({status: filter.status});
	if (filter.since !== undefined) query.where('created_at', '>=', filter.since);
	if (filter.until !== undefined) query.where('created_at', '<', filter.until);
	sliceNewestFirst(query, slice);
	return (await query) as ToldDelivery[];
}

/** One of them, as it is listed. */
export async function toldDelivery(db: Knex, id: string): Promise<ToldDelivery | undefined> {
	const query = db('webhook_deliveries').select('*', db.raw(aboutKey)).where({id}).first();
	return (await query) as ToldDelivery | undefined;
}

/** Few enough for the request path's bound on a statement, and for a client that reads slowly. */
const batchSize = 500;

/** All of them, newest first, read as they are taken; those that come meanwhile are left out. */
export async function* everyDelivery(
	db: Knex,
	organisationId: string,
	filter: DeliveryFilter,
): AsyncGenerator<ToldDelivery[], void> {
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
	delivery: ToldDelivery;
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
	const row = await db('webhook_deliveries')
		.join('webhook_endpoints as e', 'e.id', 'webhook_deliveries.endpoint_id')
		.join('events as sent', (on) => {
			on.on('sent.id', 'webhook_deliveries.event_id').on(
				'sent.api_version',
				'webhook_deliveries.api_version',
			);
		})
		.where({
			'webhook_deliveries.id': id,
			'webhook_deliveries.organisation_id': organisationId,
		})
		.select('webhook_deliveries.*', 'e.url', 'sent.payload', db.raw(aboutKey))
		.first<(ToldDelivery & {url: string; payload: string}) | undefined>();
	if (row === undefined) return undefined;
	const attempts = await db<AttemptRow>('webhook_attempts')
		.where({delivery_id: id})
		.orderBy('number');
	const {url, payload, ...delivery} = row;
	return {delivery, url, payload, attempts};
}
