import type {Router} from '@koa/router';
import type {Context} from 'koa';
import type * as z from 'zod';
import {routes, type Route, type RouteName} from '../../contract/routes.ts';
import type {Deps} from '../../core/deps.ts';
import {plansAllowKeys} from '../../core/keys/policy.ts';
import {authenticate, type Principal} from './authenticate.ts';
import {readJson} from './body.ts';
import {actingOrganisation, enterOrganisation, permit, type Membership} from './organisation.ts';
import {Problem, respondProblem} from './problem.ts';
import {validate} from './validate.ts';

type Output<S> = S extends z.ZodType ? z.output<S> : undefined;
type PrincipalOf<R extends Route> = R['credentials'] extends 'none'
	? undefined
	: R['credentials'] extends 'any'
		? Principal
		: Principal & {auth_method: R['credentials']};
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
			respondProblem(context, answer);
		} else {
			ctx.status = context.state.status ?? route.status;
			ctx.body = answer as object;
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
	let membership: Membership | undefined;
	let organisationId = '';
	if (route.credentials !== 'none') {
		const found = await authenticate(ctx, route.credentials, deps);
		if (found instanceof Problem) return found;
		principal = found;
		ctx.state.authMethod = principal.auth_method;
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
		const membership = await enterOrganisation(pathId, principal, deps);
		if (membership instanceof Problem) return membership;
		const refusal = permit(permission, membership.grantee);
		return refusal ?? {membership, organisationId: membership.organisation.id};
	}
	if (route.credentials === 'jwt') {
		const isOperator = principal.auth_method === 'jwt' && principal.session.isOperator;
		if (!isOperator) return new Problem('operator_required');
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

async function parseBody(schema: z.ZodType, ctx: Context): Promise<unknown> {
	const value = await readJson(ctx.req);
	return value instanceof Problem ? value : validate(schema, value, 'body');
}
