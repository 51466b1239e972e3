import type {Knex} from 'knex';
import {Gauge, type Registry} from 'prom-client';
import {auditFigures, type AuditFigures} from '../../core/audit/store.ts';
import {withTimeout} from '../../core/with-timeout.ts';

/** PostgreSQL is asked at most this often, whoever collects. */
const keptMs = 10_000;
/** A PostgreSQL that stands still does not hold up the other metrics. */
const patienceMs = 500;

/** Metrics of the audit trail, as PostgreSQL has it: the same in every process. */
export function measureAudit(registry: Registry, db: Knex): void {
	let askedAt = Number.NEGATIVE_INFINITY;
	let asked: Promise<AuditFigures | undefined> = Promise.resolve(undefined);
	const figures = () => {
		if (performance.now() - askedAt > keptMs) {
			askedAt = performance.now();
			asked = withTimeout(auditFigures(db), patienceMs).catch(() => undefined);
		}
		return asked;
	};
	const gauge = (name: string, help: string, value: (found: AuditFigures) => number | undefined) =>
		new Gauge({
			name,
			help,
			registers: [registry],
			aggregator: 'max',
			async collect() {
				const found = await figures();
				const now = found && value(found);
				if (now === undefined) this.remove();
				else this.set(now);
			},
		});
	gauge(
		'latchkey_audit_entries',
		'Entries written to the audit trail, of all chains.',
		(found) => found.entries,
	);
	gauge(
		'latchkey_audit_unsigned_seconds',
		'Age of the oldest entry that no signed head covers; 0 when all are covered.',
		(found) => found.unsignedSeconds,
	);
	gauge(
		'latchkey_audit_signed_head_age_seconds',
		'Time since a head of the audit trail was signed last.',
		(found) => found.headAgeSeconds,
	);
}
