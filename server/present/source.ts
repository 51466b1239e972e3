import type {Source} from '../../contract/sources.ts';
import {toTimestamp} from '../../contract/text.ts';
import type {SourceRow} from '../../core/db/tables.ts';

export function presentSource(row: SourceRow): Source {
	return {
		id: row.id,
		name: row.name,
		type: row.type,
		created_at: toTimestamp(row.created_at),
		updated_at: toTimestamp(row.updated_at),
	};
}
