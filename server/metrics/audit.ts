import type {Knex} from 'knex';
import type {Registry} from 'prom-client';
import {auditFigures} from '../../core/audit/store.ts';
import {measureAnswer, single} from './answers.ts';

/** Metrics of the audit trail, as PostgreSQL has it. */
export function measureAudit(registry: Registry, db: Knex): void {
	measureAnswer(registry, () => auditFigures(db), [
		single(
			'latchkey_audit_entries',
			'Entries written to the audit trail, of all chains.',
			({entries}) => entries,
		),
		single(
			'latchkey_audit_unsigned_seconds',
			'Age of the oldest entry that no signed head covers; 0 when all are covered.',
			({unsignedSeconds}) => unsignedSeconds,
		),
		single(
			'latchkey_audit_signed_head_age_seconds',
			'Time since a head of the audit trail was signed last.',
			({headAgeSeconds}) => headAgeSeconds,
		),
	]);
}
