import type {Router} from '@koa/router';
import type {Context} from 'koa';
import type * as z from 'zod';
import type {ErrorCode} from '../../contract/errors.ts';
import type {Route} from '../../contract/route.ts';
import {routes, type RouteName} from '../../contract/routes.ts';
import type {Deps} from '../../core/deps.ts';
import type {By} from '../../core/audit/actor.ts';
import type {UserCaller} from '../../core/people/caller.ts';
import {plansAllowKeys} from '../../core/keys/policy.ts';
import {accept, authenticate, namedOrganisation, type Principal} from './authenticate.ts';
import {readJson} from './body.ts';
import {actorOf, byActor} from './by.ts';
import {actingOrganisation, enterOrganisation, permit, type Membership} from './organisation.ts';
import {isUuid} from './params.ts';
import {Problem, respondProblem} from './problem.ts';
import {respondTagged} from './tagged.ts';
import {validate} from './validate.ts';

type Output<S> = S extends z.ZodType ? z.output<S> : undefined;
type PrincipalOf<R extends Route> = {
	none: undefined;
	any: Principal;
	api_key: Principal & {auth_method: 'api_key'};
	jwt: Principal & {auth_method: 'jwt'};
	user: {auth_method: 'jwt'; caller: UserCaller};
}[R['credentials']];
type Member<R, M extends string> = R extends Record<M, infer V> ? V : undefined;
type HasOrganisation<R extends Route> = R['path'] extends `${string}:org_id${string}`
	? true
	: false;

/** What a handler gets: everything checked, in the types that the route's contract promises. */
export type Call<R extends Route> = {
	ctx: Context;
	deps: Deps;
	params: Record<string, string>;
	principal: PrincipalOf<R>;
	/** Who and from where, for the audit trail. */
	by: By;
	body: Output<Member<R, 'body'>>;
	query: Output<Member<R, 'query'>>;
	/** The organisation of the path, with the caller's standing in it. */
	membership: HasOrganisation<R> extends true ? Membership : undefined;
	/** The organisation acted in, where the path names none. */
	organisationId: string;
};

export type Handler<R extends Route> = (
	call: Call<R>,
) => Promise<z.output<R['response']> | Problem>;

/**
 * Mounts an endpoint of the contract. The steps of every request, in this order: credential (401,
 * 403), organisation (404), role (403), plan (403), query and body (400, 413, 415), handler.
 */
export function mount<N extends RouteName>(
	router: Router,
	deps: Deps,
	name: N,
	handler: Handler<(typeof routes)[N]>,
): void {
	const route: Route = routes[name];
	const method = route.method.toLowerCase() as 'get' | 'post' | 'put' | 'patch' | 'delete';
	router[method](name, route.path, async (ctx) => {
		const context = ctx as unknown as Context;
		const answer = await run(
			route,
			handler as unknown as Handler<Route>,
			context,
			ctx.params,
			deps,
		);
		if (answer instanceof Problem) {
			await noteDenial(name, answer, context, deps, ctx.params['org_id']);
			respondProblem(context, answer);
		} else {
			ctx.status = context.state.status ?? route.status;
			if (route.media !== undefined) ctx.type = route.media;
			if (route.tagged) respondTagged(context, answer);
			else ctx.body = answer as object;
		}
	});
}

async function run(
	route: Route,
	handler: Handler<Route>,
	ctx: Context,
	params: Record<string, string>,
	deps: Deps,
): Promise<unknown> {
	let principal: Principal | undefined;
	let by = byActor(ctx, {type: 'anonymous'});
	let membership: Membership | undefined;
	let organisationId = '';
	if (route.credentials !== 'none') {
		const found = await authenticate(ctx, deps);
		if (found instanceof Problem) return found;
		principal = found;
		by = byActor(ctx, actorOf(principal));
		ctx.state.authMethod = principal.auth_method;
		ctx.state.by = by;
		const refusal = accept(principal, route.credentials);
		if (refusal !== undefined) return refusal;
		const entered = await enter(route, ctx, params, principal, deps);
		if (entered instanceof Problem) return entered;
		({membership, organisationId} = entered);
	}
	if (route.teamPlan && membership !== undefined && !plansAllowKeys(membership.organisation.plan)) {
		return new Problem('plan_required');
	}
	const query = route.query && validate(route.query, {...ctx.query}, 'query');
	if (query instanceof Problem) return query;
	const body = route.body && (await parseBody(route.body, ctx));
	if (body instanceof Problem) return body;
	return handler({
		ctx,
		deps,
		params,
		principal,
		by,
		membership,
		organisationId,
		query,
		body,
	} as unknown as Call<Route>);
}

/** Resolves the organisation of a call and checks what the caller may do there. */
async function enter(
	route: Route,
	ctx: Context,
	params: Record<string, string>,
	principal: Principal,
	deps: Deps,
): Promise<{membership: Membership | undefined; organisationId: string} | Problem> {
	const {permission} = route;
	if (permission === undefined) return {membership: undefined, organisationId: ''};
	const pathId = params['org_id'];
	if (pathId !== undefined && principal.auth_method === 'jwt') {
		const membership = await enterOrganisation(ctx, pathId, principal, deps);
		if (membership instanceof Problem) return membership;
		const refusal = permit(permission, membership.grantee);
		return refusal ?? {membership, organisationId: membership.organisation.id};
	}
	if (route.credentials === 'jwt' || route.credentials === 'user') {
		if (!isOperator(principal)) return new Problem('operator_required');
		return {membership: undefined, organisationId: ''};
	}
	const acting = await actingOrganisation(ctx, principal, deps);
	if (acting instanceof Problem) return acting;
	return (
		permit(permission, acting.grantee) ?? {
			membership: undefined,
			organisationId: acting.organisationId,
		}
	);
}

function isOperator(principal: Principal): boolean {
	if (principal.auth_method === 'api_key') return false;
	return principal.caller.kind === 'user' && principal.caller.isOperator;
}

/** Who was refused for want of rights is on record; who was not known, or asked wrongly, is not. */
async function noteDenial(
	name: RouteName,
	{code}: Problem,
	ctx: Context,
	deps: Deps,
	pathOrganisation: string | undefined,
): Promise<void> {
	const {by, organisationId} = ctx.state;
	if (by === undefined) return;
	const asked = pathOrganisation ?? namedOrganisation(ctx);
	const isStranger = code === 'organization_not_found' && asked !== undefined;
	if (!isStranger && !denials.has(code)) return;
	const strangeOrganisationId = isStranger && isUuid(asked) ? asked.toLowerCase() : undefined;
	await deps.noteDenial(by, {route: name, code, organisationId, strangeOrganisationId});
}

const denials: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
	'role_required',
	'operator_required',
	'jwt_required',
	'user_required',
]);

async function parseBody(schema: z.ZodType, ctx: Context): Promise<unknown> {
	const value = await readJson(ctx.req);
	return value instanceof Problem ? value : validate(schema, value, 'body');
}
