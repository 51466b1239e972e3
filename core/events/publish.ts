import {randomUUIDv7} from 'node:crypto';
import type {Knex} from 'knex';
import {mostPayloadBytes, type EventData, type EventType} from '../../contract/events.ts';
import {toTimestamp} from '../../contract/text.ts';
import type {By} from '../audit/actor.ts';

/** Where PostgreSQL announces that deliveries are due; the worker listens. */
export const deliveriesChannel = 'latchkey_deliveries';

export type NewEvent<T extends EventType> = {
	type: T;
	organisationId: string;
	data: EventData[T];
	/** The endpoint that the event is about is not told itself. */
	exceptEndpointId?: string;
};

/**
 * Writes an event and a delivery for each active endpoint that wants it, in the transaction of the
 * change it tells of. Nothing is written where the organisation has no endpoint for it.
 */
export async function publish<T extends EventType>(
	transaction: Knex.Transaction,
	by: By,
	event: NewEvent<T>,
): Promise<void> {
	const {type, organisationId, data, exceptEndpointId = null} = event;
	const listeners = await transaction.raw<{rows: {api_version: string}[]}>(
		`select distinct api_version from webhook_endpoints
		where organisation_id = ? and (event_types is null or ? = any (event_types))
			and id is distinct from ?`,
		[organisationId, type, exceptEndpointId],
	);
	if (listeners.rows.length === 0) return;
	const {sequence, now} = await nextSequence(transaction, organisationId);
	const id = `msg_${randomUUIDv7().replaceAll('-', '')}`;
	const {actor} = by;
	for (const {api_version: version} of listeners.rows) {
		const payload = JSON.stringify({
			id,
			type,
			timestamp: toTimestamp(now),
			api_version: version,
			organization_id: organisationId,
			sequence: Number(sequence),
			actor: {type: actor.type, ...('id' in actor ? {id: actor.id} : {})},
			data,
		});
		if (Buffer.byteLength(payload) > mostPayloadBytes) {
			throw new Error(`an event ${type} of more than ${mostPayloadBytes} bytes`);
		}
		await transaction.raw(
			`with event as (
				insert into events (id, api_version, organisation_id, sequence, type, payload)
				values (?, ?, ?, ?, ?, ?) returning id, api_version, organisation_id, type
			)
			insert into webhook_deliveries (organisation_id, endpoint_id, event_id, api_version, event_type)
			select event.organisation_id, endpoint.id, event.id, event.api_version, event.type
			from event join webhook_endpoints endpoint using (organisation_id, api_version)
			where endpoint.status = 'active' and endpoint.id is distinct from ?
				and (endpoint.event_types is null or event.type = any (endpoint.event_types))`,
			[id, version, organisationId, sequence, type, payload, exceptEndpointId],
		);
	}
	await transaction.raw('select pg_notify(?, ?)', [deliveriesChannel, '']);
}

async function nextSequence(
	transaction: Knex.Transaction,
	organisationId: string,
): Promise<{sequence: string; now: Date}> {
	const answer = await transaction.raw<{rows: {sequence: string; now: Date}[]}>(
		`insert into event_sequences as s (organisation_id, last) values (?, 1)
		on conflict (organisation_id) do update set last = s.last + 1
		returning last as sequence, now() as now`,
		[organisationId],
	);
	const [row] = answer.rows;
	if (row === undefined) throw new Error('an event got no number');
	return row;
}
