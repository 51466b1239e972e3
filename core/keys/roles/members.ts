import type {Knex} from 'knex';
import type {RequestedTerms} from '../../../contract/key-terms.ts';
import {RightsChanged} from '../../audit/trail/rights.ts';
import type {KeyRoleRow} from '../../db/key-tables.ts';
import type {Fault} from '../times.ts';

/* Which keys have which roles. Names of roles are kept in one order: that in which they are shown. */

/** The names of the roles of each key, as a column `roles` of a query for keys. */
export function roleNamesOf(db: Knex, keys: 'api_keys' | 'k'): Knex.Raw<{roles: string[]}> {
	return db.raw(
		`array(select r.name from key_role_members m join key_roles r on r.id = m.role_id
			where m.key_id = ?? order by r.name collate "C") as roles`,
		[`${keys}.id`],
	);
}

/** The roles that a request names; undefined: it names none, and [] takes all away. */
export function rolesIn({roles}: RequestedTerms): string[] | undefined {
	return roles === undefined ? undefined : (roles ?? []).toSorted();
}

/**
 * Roles of an organisation by their names, as they stay until the transaction ends: nobody renames,
 * changes or deletes them.
 *
 * @param names as the request has them: a fault tells the place
 */
export async function holdKeyRoles(
	transaction: Knex.Transaction,
	organisationId: string,
	names: readonly string[],
): Promise<KeyRoleRow[] | Fault> {
	if (names.length === 0) return [];
	const rows = await transaction('key_roles')
		.where({organisation_id: organisationId})
		.whereIn('name', names)
		.orderBy('id')
		.forKeyShare()
		.select('*');
	const missing = names.findIndex((name) => !rows.some((row) => row.name === name));
	if (missing < 0) return rows;
	return {
		field: `roles[${missing}]`,
		message: `roles[${missing}]: there is no role ${names[missing]}`,
	};
}

/** Gives a key exactly these roles of its organisation, which `holdKeyRoles` has found. */
export async function setKeyRoles(
	transaction: Knex.Transaction,
	organisationId: string,
	keyId: string,
	names: readonly string[],
): Promise<void> {
	const wanted = await transaction('key_roles')
		.where({organisation_id: organisationId})
		.whereIn('name', names)
		.select('id');
	// One was renamed since its name was read: the change is asked for anew.
	if (wanted.length !== names.length) throw new RightsChanged();
	const ids = wanted.map(({id}) => id);
	await transaction('key_role_members').where({key_id: keyId}).whereNotIn('role_id', ids).delete();
	if (ids.length === 0) return;
	await transaction('key_role_members')
		.insert(ids.map((id) => ({key_id: keyId, role_id: id})))
		.onConflict(['key_id', 'role_id'])
		.ignore();
}
