import type {Knex} from 'knex';
import {mostPayloadBytes, type EventData, type EventType} from '../../contract/events.ts';
import type {By} from '../actor.ts';
import {envelopeOf, newEventId} from './envelope.ts';
import {wanted} from './wanted.ts';

/** Where PostgreSQL announces that deliveries are due; the worker listens. */
export const deliveriesChannel = 'latchkey_deliveries';

export type NewEvent<T extends EventType> = {
	type: T;
	organisationId: string;
	data: EventData[T];
};

const versions = `select distinct e.api_version
	from webhook_endpoints e, (select :type::text as type, :payload::text as payload) v
	where e.organisation_id = :organisationId and ${wanted}`;

const insertion = `with v as (
		insert into events (id, api_version, organisation_id, sequence, type, payload)
		values (:id, :version, :organisationId, :sequence, :type, :payload)
		returning id, api_version, organisation_id, type, payload
	)
	insert into webhook_deliveries (organisation_id, endpoint_id, event_id, api_version, event_type)
	select v.organisation_id, e.id, v.id, v.api_version, v.type
	from v join webhook_endpoints e using (organisation_id, api_version)
	where e.status = 'active' and ${wanted}`;

/**
 * Writes an event and a delivery for each active endpoint that is to have it, in the transaction of
 * the change it tells of. Nothing is written where the organisation has no endpoint for it.
 */
export async function publish<T extends EventType>(
	transaction: Knex.Transaction,
	by: By,
	event: NewEvent<T>,
): Promise<void> {
	const {type, organisationId, data} = event;
	const listeners = await transaction.raw<{rows: {api_version: string}[]}>(versions, {
		organisationId,
		type,
		payload: JSON.stringify({data}),
	});
	if (listeners.rows.length === 0) return;
	const {sequence, now} = await nextSequence(transaction, organisationId);
	const id = newEventId();
	for (const {api_version: version} of listeners.rows) {
		const told = {id, type, at: now, apiVersion: version, organisationId, data};
		const payload = JSON.stringify(
			envelopeOf<T>({...told, sequence: Number(sequence), actor: by.actor}),
		);
		if (Buffer.byteLength(payload) > mostPayloadBytes) {
			throw new Error(`an event ${type} of more than ${mostPayloadBytes} bytes`);
		}
		await transaction.raw(insertion, {id, version, organisationId, sequence, type, payload});
	}
	await announceDeliveries(transaction);
}

/** Tells the workers, once the transaction is committed, that deliveries are due. */
export async function announceDeliveries(transaction: Knex.Transaction): Promise<void> {
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
