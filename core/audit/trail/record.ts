import type {Knex} from 'knex';
import type {AuditAction, auditOutcomes, targetTypes} from '../../../contract/audit.ts';
import type {EventData, EventType} from '../../../contract/events.ts';
import {publish} from '../../events/publish.ts';
import type {By} from '../../actor.ts';
import {confirmRights} from './rights.ts';

/** The chain of what belongs to no organisation: people, setup, secrets. */
export const applianceChain = '00000000-0000-0000-0000-000000000000';

type Entry = {
	/** `refused`: what was asked for was not done. */
	outcome?: (typeof auditOutcomes)[number];
	/** Whose trail it belongs to; absent: the appliance's. */
	organisationId?: string | undefined;
	target: {type: (typeof targetTypes)[number]; id?: string | undefined; name?: string | undefined};
	/** What changed, for people and filters; never a secret or a hash. */
	details?: Record<string, string | number | boolean | null | undefined>;
};

/** A change of which endpoints of the organisation are told, too. */
type Told<T extends EventType> = {action: T; organisationId: string; event: EventData[T]};
type Untold = {
	/** What goes on and on has more entries than events. */
	action: Exclude<AuditAction, EventType> | 'key.ip_denied';
	event?: undefined;
};

export type AuditEvent = Entry &
	(Untold | {[T in EventType & AuditAction]: Told<T>}[EventType & AuditAction]);

/** The chain that a transaction holds, and no other transaction until it ends. */
const held = new WeakMap<Knex.Transaction, string>();

/**
 * Writes one entry of the audit trail, and the event for the organisation's endpoints where the
 * change is one. Before that it is decided again whether who makes the change still may. Called last
 * in the transaction of the change it tells of, so that there is neither a change without its entry
 * nor the reverse; from then to the commit the chain is locked.
 *
 * A transaction that writes to several chains takes them in the order of their ids, the appliance's
 * first: two of them could wait for each other otherwise.
 *
 * @throws {RightsChanged}
 * @throws when the entry cannot be written: the change must fail then
 */
export async function record(
	transaction: Knex.Transaction,
	by: By,
	event: AuditEvent,
): Promise<void> {
	const {action, outcome = 'success', organisationId, target, details} = event;
	if (outcome === 'success') await confirmRights(transaction, by);
	const content = {
		action,
		outcome,
		actor: presentActor(by),
		target,
		address: by.address,
		request_id: by.requestId,
		details,
	};
	const chain = organisationId ?? applianceChain;
	const before = held.get(transaction);
	if (before !== undefined && chain < before) {
		throw new Error(`entry ${action} is written after one of a chain that comes later`);
	}
	held.set(transaction, chain);
	if (event.event !== undefined) {
		await publish(transaction, by, {
			type: event.action,
			organisationId: event.organisationId,
			data: event.event,
		});
	}
	await transaction('audit_entries').insert({chain, content: oneLine(content)});
}

function presentActor({actor}: By): Record<string, string | undefined> {
	if (actor.type !== 'user') return actor;
	return {type: actor.type, id: actor.id, name: actor.name, session_id: actor.sessionId};
}

/** JSON in which nothing is left that a terminal or a viewer of logs would act on. */
function oneLine(content: object): string {
	return JSON.stringify(content, storable).replace(
		/[\u007F-\u009F\u061C\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/g,
		(character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
}

/** Text from outside may hold what PostgreSQL cannot store in JSON: NUL and lone surrogates. */
function storable(_member: string, value: unknown): unknown {
	return typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\uFFFD') : value;
}
