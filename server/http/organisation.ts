import type {Context} from 'koa';
import {allows, type Grantee, type Permission} from '../../contract/permissions.ts';
import type {OrganisationRow} from '../../core/db/tables.ts';
import type {Deps} from '../../core/deps.ts';
import {findOrganisation} from '../../core/organisations/store.ts';
import {standingOf} from '../../core/people/caller.ts';
import {namedOrganisation, type Principal} from './authenticate.ts';
import {isUuid} from './params.ts';
import {Problem} from './problem.ts';

/** The organisation a request acts in, and what the caller is there. */
export type Membership = {organisation: OrganisationRow; grantee: Grantee};

/**
 * The organisation of the path, as the caller may see it. One that does not exist and one that the
 * caller is no member of are the same answer: who asks does not learn which ids exist.
 */
export async function enterOrganisation(
	ctx: Context,
	id: string,
	principal: Principal & {auth_method: 'jwt'},
	deps: Deps,
): Promise<Membership | Problem> {
	if (!isUuid(id)) return new Problem('organization_not_found');
	const organisation = await findOrganisation(deps.db, id);
	// Asked also where there is none: time must not tell, either.
	const grantee = await standingOf(deps.db, principal.caller, id);
	if (organisation === undefined || grantee === undefined) {
		return new Problem('organization_not_found');
	}
	ctx.state.organisationId = id;
	return {organisation, grantee};
}

/** The organisation of a call that has none in its path: of the key, or of the user's session. */
export async function actingOrganisation(
	ctx: Context,
	principal: Principal,
	deps: Deps,
): Promise<{organisationId: string; grantee: Grantee} | Problem> {
	if (principal.auth_method === 'api_key') {
		return {organisationId: principal.key.organisationId, grantee: 'key'};
	}
	const id = namedOrganisation(ctx) ?? principal.caller.organisationId;
	if (id === null) return new Problem('organization_not_found');
	const membership = await enterOrganisation(ctx, id, principal, deps);
	if (membership instanceof Problem) return membership;
	return {organisationId: membership.organisation.id, grantee: membership.grantee};
}

export function permit(permission: Permission, grantee: Grantee): Problem | undefined {
	return allows(permission, grantee) ? undefined : new Problem('role_required');
}
