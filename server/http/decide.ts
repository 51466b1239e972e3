import type {Knex} from 'knex';
import type {Context} from 'koa';
import type {Route} from '../../contract/route.ts';
import type {Deps} from '../../core/deps.ts';
import {isCrowded} from '../../core/db/crowd.ts';
import type {ActingRole} from '../../contract/permissions.ts';
import {plansAllowKeys} from '../../core/keys/policy.ts';
import {authenticate, type Authenticated, type Look} from './authenticate.ts';
import {neededFor} from './needed.ts';
import {actingOrganisation, enterOrganisation, permit, type Membership} from './organisation.ts';
import {accept, actorOf, byActor, type Principal} from './principal.ts';
import {Problem} from './problem.ts';
import type {By} from '../../core/actor.ts';

/** Who calls and what they may do here, as far as a request needs to know it. */
export type Decision = {
	principal: Principal | undefined;
	by: By;
	membership: Membership | undefined;
	organisationId: string;
};

type Standing = Pick<Decision, 'membership' | 'organisationId'> & {role: ActingRole | undefined};

/**
 * Decides whether a request may go on: credential (401, 403), organisation (404), role (403), plan
 * (403). Where too many wait for the database already, it is sent away before anything is read (503);
 * who has begun goes on.
 *
 * A change decides the same once more, in its own transaction (`confirmRights`), by the rows as
 * they are then: what has been decided here may be taken away before the change is made.
 */
export async function decideRequest(
	route: Route,
	ctx: Context,
	params: Record<string, string>,
	deps: Deps,
	look: Look,
): Promise<Decision | Problem> {
	if (look === 'first' && !route.fromMemory && isCrowded(deps.db, deps.config.database.poolMax)) {
		return new Problem('overloaded');
	}
	// An OAuth client is known by the body, and decided about when that was read: see OAuthClients.
	if (route.credentials === 'none' || route.client !== undefined) {
		const by = byActor(ctx, {type: 'anonymous'});
		return {principal: undefined, by, membership: undefined, organisationId: ''};
	}
	const found = await authenticate(route, ctx, deps, look);
	return found instanceof Problem ? found : decideAbout(found, route, ctx, params, deps);
}

/** The same of a caller who is known: organisation (404), role (403), plan (403). */
export async function decideAbout(
	{principal, again}: Authenticated,
	route: Route,
	ctx: Context,
	params: Record<string, string>,
	deps: Pick<Deps, 'db'>,
): Promise<Decision | Problem> {
	if (route.credentials === 'none') throw new Error(`${route.path} asks nobody who they are`);
	const by = byActor(ctx, actorOf(principal));
	ctx.state.authMethod = principal.auth_method;
	ctx.state.by = by;
	const {credentials = route.credentials} = neededFor(route, ctx.req, ctx.querystring) ?? {};
	const refusal = accept(principal, credentials);
	if (refusal !== undefined) return refusal;
	const standing = await standingIn(route, ctx, params, principal, deps.db);
	if (standing instanceof Problem) return standing;

	const stillMay = async (transaction: Knex.Transaction): Promise<boolean> => {
		const now = await again(transaction);
		if (now === undefined || isOperator(now) !== isOperator(principal)) return false;
		const then = await standingIn(route, ctx, params, now, transaction);
		if (then instanceof Problem) return false;
		return then.role === standing.role && then.organisationId === standing.organisationId;
	};
	const {membership, organisationId, role} = standing;
	return {principal, by: {...by, role, stillMay}, membership, organisationId};
}

/** Resolves the organisation of a call and checks what the caller may do there. */
async function standingIn(
	route: Route,
	ctx: Context,
	params: Record<string, string>,
	principal: Principal,
	db: Knex,
): Promise<Standing | Problem> {
	const {permission} = route;
	if (permission === undefined) return nowhere;
	const pathId = params['org_id'];
	if (pathId !== undefined && principal.auth_method === 'jwt') {
		const membership = await enterOrganisation(ctx, pathId, principal, db);
		if (membership instanceof Problem) return membership;
		const {role, organisation} = membership;
		const refusal = permit(permission, role);
		if (refusal !== undefined) return refusal;
		if (route.teamPlan && !plansAllowKeys(organisation.plan)) return new Problem('plan_required');
		return {membership, role, organisationId: organisation.id};
	}
	if (route.credentials === 'jwt' || route.credentials === 'user') {
		return isOperator(principal) ? nowhere : new Problem('operator_required');
	}
	const acting = await actingOrganisation(ctx, principal, db);
	if (acting instanceof Problem) return acting;
	const {role, organisationId} = acting;
	return permit(permission, role) ?? {membership: undefined, role, organisationId};
}

const nowhere: Standing = {membership: undefined, role: undefined, organisationId: ''};

function isOperator(principal: Principal): boolean {
	if (principal.auth_method === 'api_key') return false;
	return principal.caller.kind === 'user' && principal.caller.isOperator;
}
