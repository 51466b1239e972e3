import type {Context} from 'koa';
import type * as z from 'zod';
import type {
	BriefVerification,
	FullVerification,
	verifyQuery,
	VerifyRequest,
} from '../../contract/verification.ts';
import type {Deps} from '../../core/deps.ts';
import type {Explanation} from '../../core/keys/explain.ts';
import type {Found, Lookup, Verdict} from '../../core/verification/verifier.ts';
import {askedBy, asksMore, takenLimit, type UseOfKey} from '../decisions/verify-body.ts';
import {Problem} from '../http/problem.ts';
import {presentAsAsked} from '../present/verification.ts';

type Options = {
	query: z.output<typeof verifyQuery> | undefined;
	organisationId: string;
	/** How the fields of a request are called in the whole body: what stands before them. */
	placeOf: (index: number) => string;
};

/**
 * Decides about keys as a body asks, one request each, in their order. All keys are looked up before
 * any is decided about, and all are decided about in one turn of the event loop: misses share a
 * statement, limits a trip to Redis, and where PostgreSQL cannot be asked nothing was charged.
 *
 * @returns a problem where a request asks for what cannot be asked of its key
 */
export async function verifyAll(
	ctx: Context,
	deps: Deps,
	requests: readonly VerifyRequest[],
	{query, organisationId, placeOf}: Options,
): Promise<(BriefVerification | FullVerification)[] | Problem> {
	const {verifier, clock} = deps;
	const isFresh = /\bno-cache\b/i.test(ctx.get('Cache-Control'));
	const found = await all(requests.map(({key}) => verifier.find(key.trim(), isFresh)));
	for (const [index, request] of requests.entries()) {
		if (request.limits === undefined) continue;
		const lookup = lookupFor(found[index], organisationId);
		const problem = limitsProblem(request, lookup, placeOf(index));
		if (problem !== undefined) return problem;
	}
	const {requestId} = ctx.state;
	const isFull = query?.view !== undefined;
	const answers = requests.map((request, index) => {
		const {lookup, source} = found[index] ?? unknown;
		const asked = askedBy(request, organisationId);
		const tell = (verdict: Verdict | Explanation) => {
			const checks = 'checks' in verdict ? {checks: verdict.checks} : {};
			const about = {requestId, now: clock.now(), source, ...checks};
			return presentAsAsked(verdict, asked, isFull || asksMore(request) ? about : undefined);
		};
		const deciding = request.dry_run
			? verifier.explain(lookup, asked)
			: verifier.judge(lookup, asked);
		return deciding instanceof Promise ? deciding.then(tell) : tell(deciding);
	});
	return all(answers);
}

/** Of many that are known at once, none costs a promise. */
function all<T>(values: (T | Promise<T>)[]): T[] | Promise<T[]> {
	const isPending = values.some((value) => value instanceof Promise);
	return isPending ? Promise.all(values) : (values as T[]);
}

/** Where a use is to be held against a limit of the caller's under a name that the key itself defines. */
export function limitsProblem(use: UseOfKey, lookup: Lookup, place = ''): Problem | undefined {
	const taken = takenLimit(use, lookup);
	if (taken === undefined) return undefined;
	const field = `${place}limits[${taken}].name`;
	const message = `${field} is that of a limit of the key: leave limit out, or choose another name`;
	return new Problem('invalid_field', {message, field});
}

const unknown: Found = {lookup: 'unknown', source: 'memory'};

/** What the caller may know of a key. */
export function lookupFor(found: Found | undefined, organisationId: string): Lookup {
	const lookup = found?.lookup ?? 'unknown';
	return typeof lookup === 'object' && lookup.organisationId !== organisationId
		? 'unknown'
		: lookup;
}
