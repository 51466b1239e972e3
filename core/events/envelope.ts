import {randomUUIDv7} from 'node:crypto';
import type {EventData, EventType} from '../../contract/events.ts';
import {toTimestamp} from '../../contract/text.ts';
import type {Actor} from '../actor.ts';

/** What there is to tell of an event. */
export type Told<T extends EventType> = {
	id: string;
	type: T;
	at: Date;
	/** That of the endpoints it is for. */
	apiVersion: string;
	organisationId: string;
	/** Its number in the organisation; 0 of a test. */
	sequence: number;
	actor: Actor;
	data: EventData[T];
};

/** A new id of an event, which receivers know it by. */
export function newEventId(): string {
	return `msg_${randomUUIDv7().replaceAll('-', '')}`;
}

/** An event as endpoints receive it, member by member: its text is signed and sent as it is. */
export function envelopeOf<T extends EventType>(event: Told<T>) {
	const {actor} = event;
	return {
		id: event.id,
		type: event.type,
		timestamp: toTimestamp(event.at),
		api_version: event.apiVersion,
		organization_id: event.organisationId,
		sequence: event.sequence,
		actor: {type: actor.type, ...('id' in actor ? {id: actor.id} : {})},
		data: event.data,
	};
}
