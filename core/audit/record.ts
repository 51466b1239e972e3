import type {Knex} from 'knex';
import type {AuditAction, auditOutcomes, targetTypes} from '../../contract/audit.ts';
import type {By} from './actor.ts';

/** The chain of what belongs to no organisation: people, setup, secrets. */
export const applianceChain = '00000000-0000-0000-0000-000000000000';

export type AuditEvent = {
	action: AuditAction;
	/** `refused`: what was asked for was not done. */
	outcome?: (typeof auditOutcomes)[number];
	/** Whose trail it belongs to; absent: the appliance's. */
	organisationId?: string | undefined;
	target: {type: (typeof targetTypes)[number]; id?: string | undefined; name?: string | undefined};
	/** What changed, for people and filters; never a secret or a hash. */
	details?: Record<string, string | number | boolean | null | undefined>;
};

/**
 * Writes one entry of the audit trail. Called last in the transaction of the change it tells of, so
 * that there is neither a change without its entry nor the reverse; from then to the commit the
 * chain is locked.
 *
 * @throws when the entry cannot be written: the change must fail then
 */
export async function record(
	transaction: Knex.Transaction,
	by: By,
	event: AuditEvent,
): Promise<void> {
	const {action, outcome = 'success', organisationId, target, details} = event;
	const content = {
		action,
		outcome,
		actor: presentActor(by),
		target,
		address: by.address,
		request_id: by.requestId,
		details,
	};
	await transaction('audit_entries').insert({
		chain: organisationId ?? applianceChain,
		content: JSON.stringify(content, storable),
	});
}

function presentActor({actor}: By): Record<string, string | undefined> {
	if (actor.type !== 'user') return actor;
	return {type: actor.type, id: actor.id, name: actor.name, session_id: actor.sessionId};
}

/** Text from outside may hold what PostgreSQL cannot store in JSON: NUL and lone surrogates. */
function storable(_member: string, value: unknown): unknown {
	return typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\uFFFD') : value;
}
