import type {EventData} from '../../../contract/events.ts';
import type {KeyRole} from '../../../contract/key-roles.ts';
import {toTimestamp} from '../../../contract/text.ts';
import type {KeyRoleRow} from '../../db/key-tables.ts';

export function presentKeyRoleForEvent(row: KeyRoleRow): EventData['key_role.created']['key_role'] {
	return {
		id: row.id,
		name: row.name,
		description: row.description,
		scopes: row.scopes,
		created_at: toTimestamp(row.created_at),
		updated_at: toTimestamp(row.updated_at),
	};
}

export function presentKeyRole(row: KeyRoleRow & {keys: number}): KeyRole {
	return {...presentKeyRoleForEvent(row), keys: row.keys};
}
