import type {Knex} from 'knex';
import type {Context} from 'koa';
import {isUuid} from '../../contract/text.ts';
import {headers} from '../../contract/errors.ts';
import {allows, type ActingRole, type Permission} from '../../contract/permissions.ts';
import type {OrganisationRow} from '../../core/db/tables.ts';
import {findOrganisation, holdOrganisation} from '../../core/organisations/store.ts';
import {actingRoleOf} from '../../core/people/standing.ts';
import type {Principal} from './principal.ts';
import {Problem} from './problem.ts';

/** The organisation a request acts in, and what the caller is there. */
export type Membership = {organisation: OrganisationRow; role: ActingRole};

/**
 * The organisation of the path, as the caller may see it. One that does not exist and one that the
 * caller is not a member of are the same answer: whoever asks does not learn which ids exist.
 *
 * @param db in a transaction the organisation is held until it ends
 */
export async function enterOrganisation(
	ctx: Context,
	id: string,
	principal: Principal & {auth_method: 'jwt'},
	db: Knex | Knex.Transaction,
): Promise<Membership | Problem> {
	if (!isUuid(id)) return new Problem('organization_not_found');
	const organisation = db.isTransaction
		? await holdOrganisation(db as Knex.Transaction, id)
		: await findOrganisation(db, id);
	// Asked also where there is none: time must not tell, either.
	const role = await actingRoleOf(db, principal.caller, id);
	if (organisation === undefined || role === undefined) {
		return new Problem('organization_not_found');
	}
	ctx.state.organisationId = id;
	return {organisation, role};
}

/** The organisation of a call that has none in its path: of the key, or of the user's session. */
export async function actingOrganisation(
	ctx: Context,
	principal: Principal,
	db: Knex | Knex.Transaction,
): Promise<{organisationId: string; role: ActingRole} | Problem> {
	if (principal.auth_method === 'api_key') {
		return {organisationId: principal.key.organisationId, role: 'key'};
	}
	const id = namedOrganisation(ctx) ?? principal.caller.organisationId;
	if (id === null) return new Problem('organization_not_found');
	const membership = await enterOrganisation(ctx, id, principal, db);
	if (membership instanceof Problem) return membership;
	return {organisationId: membership.organisation.id, role: membership.role};
}

/** The organisation that a request names for itself in a header, if any. */
export function namedOrganisation(ctx: Context): string | undefined {
	const named = ctx.get(headers.organization).trim();
	return named === '' ? undefined : named;
}

export function permit(permission: Permission, role: ActingRole): Problem | undefined {
	return allows(permission, role) ? undefined : new Problem('role_required');
}
