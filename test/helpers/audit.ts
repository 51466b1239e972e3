import type {Knex} from 'knex';
import type {AuditAction} from '../../contract/audit.ts';
import type {AuditEntryRow} from '../../core/db/audit-tables.ts';

/** What an entry of the audit trail tells. */
export type AuditContent = {
	action: AuditAction;
	outcome: string;
	actor: {type: string; id?: string; name?: string; session_id?: string};
	target: {type: string; id?: string; name?: string};
	address?: string;
	request_id?: string;
	details?: Record<string, unknown>;
};

/** A chain of the audit trail, oldest first. */
export async function entriesOf(db: Knex, chain: string): Promise<AuditContent[]> {
	const rows = (await db('audit_entries').where({chain}).orderBy('sequence')) as AuditEntryRow[];
	return rows.map((row) => JSON.parse(row.content) as AuditContent);
}
