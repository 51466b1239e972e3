import type {Organisation} from '../../contract/organisations.ts';
import {toTimestamp} from '../../contract/text.ts';
import type {OrganisationRow} from '../../core/db/tables.ts';

export function presentOrganisation(row: OrganisationRow): Organisation {
	return {id: row.id, name: row.name, plan: row.plan, created_at: toTimestamp(row.created_at)};
}
