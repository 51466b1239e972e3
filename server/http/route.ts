import type {Router} from '@koa/router';
import type {Context} from 'koa';
import type * as z from 'zod';
import type {ErrorCode} from '../../contract/errors.ts';
import type {PathParameters, Route} from '../../contract/route.ts';
import {isUuid} from '../../contract/text.ts';
import {routes, type RouteName} from '../../contract/routes.ts';
import type {PageQuery} from '../../contract/paging.ts';
import type {Deps} from '../../core/deps.ts';
import type {By} from '../../core/actor.ts';
import type {UserCaller} from '../../core/people/caller.ts';
import {RightsChanged} from '../../core/audit/trail/rights.ts';
import {decideRequest} from './decide.ts';
import {FixedAnswer, makeOnce, type Once} from './idempotency.ts';
import {readInput} from './input.ts';
import {namedOrganisation, type Membership} from './organisation.ts';
import {List, WholeList} from './list.ts';
import {neededFor} from './needed.ts';
import {readPath} from './params.ts';
import type {Principal} from './principal.ts';
import {
	asForbidden,
	Problem,
	respondOAuthProblem,
	respondProblem,
	respondUnkeyProblem,
} from './problem.ts';
import {respondTagged} from './tagged.ts';
import {StoredAnswer} from './stored.ts';
import {isWhole} from './whole.ts';

type Output<S> = S extends z.ZodType ? z.output<S> : undefined;
type PrincipalOf<R extends Route> = R extends {client: string}
	? undefined
	: {
			none: undefined;
			any: Principal;
			api_key: Principal & {auth_method: 'api_key'};
			jwt: Principal & {auth_method: 'jwt'};
			user: {auth_method: 'jwt'; caller: UserCaller};
		}[R['credentials']];
type Member<R, M extends string> = R extends Record<M, infer V> ? V : undefined;
type IsIdempotent<R extends Route> = R extends {idempotent: true} ? true : false;
type HasOrganisation<R extends Route> = R['path'] extends `${string}:org_id${string}`
	? true
	: false;

/** What a handler gets: everything checked, in the types that the route's contract promises. */
export type Call<R extends Route> = {
	ctx: Context;
	deps: Deps;
	/** What the path names: UUIDs, and text as the route asks for it; whatever was asked for. */
	params: PathParameters<R['path']>;
	principal: PrincipalOf<R>;
	/** Who and from where, for the audit trail. */
	by: By;
	body: Output<Member<R, 'body'>>;
	query: Output<Member<R, 'query'>>;
	/** The organisation of the path, with the caller's standing in it. */
	membership: HasOrganisation<R> extends true ? Membership : undefined;
	/** The organisation acted in, where the path names none. */
	organisationId: string;
	/** What the change of an idempotent endpoint is made by. */
	once: IsIdempotent<R> extends true ? Once<z.output<R['response']>> : undefined;
};

/** Undefined: the path leads to nothing. */
export type Handler<R extends Route> = (
	call: Call<R>,
) => Promise<AnswerOf<R, z.output<R['response']>> | Problem | NothingOf<R>>;

type AnswerOf<R extends Route, Shown> =
	IsIdempotent<R> extends true ? FixedAnswer<Shown> : Shown | StoredAnswer<Shown> | ListOf<Shown>;
type ListOf<Answer> = Answer extends readonly (infer Shown)[] ? List<Shown> : never;
type NothingOf<R extends Route> = R extends {notFound: ErrorCode} ? undefined : never;

/**
 * Mounts an endpoint of the contract. The steps of every request, in this order: the decision about
 * its caller (401, 403, 404), path, `Idempotency-Key`, query and body (400, 413, 415), where the body
 * came later the decision again, handler.
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
		if (route.errorForm === 'unkey') context.state.respondProblem = respondUnkeyProblem;
		if (route.form) context.state.respondProblem = respondOAuthProblem;
		const answer = await run(
			route,
			handler as unknown as Handler<Route>,
			context,
			ctx.params,
			deps,
		);
		const refusal = answer instanceof Problem ? answer : await respond(context, route, answer);
		if (refusal === undefined) return;
		await noteDenial(name, refusal, context, deps, ctx.params['org_id']);
		const respondRefusal = context.state.respondProblem ?? respondProblem;
		respondRefusal(context, asAskedFor(route, context, refusal));
	});
}

/** Of a request whose caller's rights change while it is done, over and over. */
const mostAttempts = 3;

/** @returns why it cannot be sent now, if it cannot */
async function respond(ctx: Context, route: Route, answer: unknown): Promise<Problem | undefined> {
	ctx.status = ctx.state.status ?? route.status;
	if (route.media !== undefined && ctx.type === '') ctx.type = [route.media].flat()[0] ?? '';
	if (
		answer instanceof FixedAnswer ||
		answer instanceof WholeList ||
		answer instanceof StoredAnswer
	) {
		return answer.respond(ctx);
	}
	if (route.tagged) respondTagged(ctx, answer);
	else ctx.body = answer as object;
	// Of an answer without a body.
	if (answer === '') ctx.remove('Content-Type');
	return undefined;
}

async function run(
	route: Route,
	handler: Handler<Route>,
	ctx: Context,
	params: Record<string, string>,
	deps: Deps,
): Promise<unknown> {
	// For a body that came with its headers one decision is enough.
	const hasCome = route.body === undefined || (await isWhole(ctx.req));
	let decision = await decideRequest(route, ctx, params, deps, 'first');
	if (decision instanceof Problem) return decision;
	const named = readPath(route, ctx.path, params);
	if (named instanceof Problem) return named;
	const input = await readInput(route, ctx, hasCome);
	if (input instanceof Problem) return input;
	// The body may have come much later: what counts is what the caller may do now.
	if (!hasCome) decision = await decideRequest(route, ctx, params, deps, 'again');
	if (route.failure !== undefined) ctx.state.failure = route.failure;
	const {query, body} = input;
	for (let attempt = 1; !(decision instanceof Problem); attempt++) {
		const call = {...decision, ctx, deps, params: named, query, body};
		const handle = (once?: Once<unknown>) => handler({...call, once} as unknown as Call<Route>);
		try {
			// Again only where nothing was changed.
			const answer = route.idempotent
				? await makeOnce({ctx, deps, route}, decision, input, handle)
				: await handle();
			if (!(answer instanceof List)) return answer ?? nothingFound(route);
			return await answer.answer(ctx, (query ?? {}) as PageQuery, deps.cursors);
		} catch (error) {
			if (!(error instanceof RightsChanged)) throw error;
			if (attempt === mostAttempts) return new Problem('unavailable');
			// The answer is the one that a request gets which begins now.
			decision = await decideRequest(route, ctx, params, deps, 'again');
		}
	}
	return decision;
}

/** What a handler says by answering nothing: the path leads to nothing. */
function nothingFound({path, notFound}: Route): Problem {
	if (notFound === undefined) throw new Error(`${path} cannot lead to nothing`);
	return new Problem(notFound);
}

/** A refusal as whoever asks wants it told: a proxy may know no status but 403. */
function asAskedFor(route: Route, {req, querystring}: Context, refusal: Problem): Problem {
	const isForbidding = neededFor(route, req, querystring)?.deniedAs === 403;
	return isForbidding ? asForbidden(refusal) : refusal;
}

/** A caller who was refused for want of rights is on record; one who was not known, or asked wrongly, is not. */
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
	const deniedOrganisationId = isStranger && isUuid(asked) ? asked.toLowerCase() : undefined;
	await deps.noteDenial(by, {route: name, code, organisationId, deniedOrganisationId});
}

const denials: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
	'role_required',
	'operator_required',
	'jwt_required',
	'user_required',
]);
