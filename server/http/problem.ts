import type {Context} from 'koa';
import {oauthErrorOf, type OAuthErrorBody} from '../../contract/oauth.ts';
import type {UnkeyErrorBody} from '../../contract/unkey.ts';
import type {ScopeQuery} from '../../contract/scope-query.ts';
import {
	errors,
	headers,
	quotaExceededType,
	type ErrorBody,
	type ErrorCode,
	type ProblemBody,
} from '../../contract/errors.ts';

/** An answer that refuses: a value that steps and handlers return, not an exception. */
export class Problem {
	readonly code: ErrorCode;
	/** That of the code, unless it is told as another. */
	readonly status: number;
	/** Public text; the table's unless a field has one of its own. */
	readonly message: string;
	readonly field: string | undefined;
	readonly headers: Readonly<Record<string, string>>;
	/** Names of the limits and quotas that are used up, where that is why. */
	readonly violatedPolicies: readonly string[] | undefined;

	constructor(
		code: ErrorCode,
		options: {
			message?: string;
			field?: string | undefined;
			headers?: Readonly<Record<string, string>>;
			violatedPolicies?: readonly string[] | undefined;
			status?: number;
		} = {},
	) {
		this.code = code;
		this.status = options.status ?? errors[code].status;
		this.message = options.message ?? errors[code].message;
		this.field = options.field;
		this.headers = options.headers ?? {};
		this.violatedPolicies = options.violatedPolicies;
	}
}

/** What a refusal asks for (RFC 6750, 3); no error code where no credential was sent (3.1). */
export function challenge(error: 'invalid_token' | 'insufficient_scope' | undefined): string {
	return `Bearer realm="latchkey"${error === undefined ? '' : `, error="${error}"`}`;
}

/** What is asked for of a key whose scopes are not enough: all that the use names. */
export function scopeChallenge(needed: ScopeQuery | undefined): string {
	const names = needed?.scopes.map(({name}) => name) ?? [];
	const scope = names.length === 0 ? '' : `, scope="${names.join(' ')}"`;
	return challenge('insufficient_scope') + scope;
}

export function needsScope(needed: ScopeQuery | undefined): Problem {
	return new Problem('insufficient_scope', {
		headers: {'WWW-Authenticate': scopeChallenge(needed)},
	});
}

/** A new password that will not do; the sentence names the field and the fix. */
export function badPassword(field: string, fault: string): Problem {
	return new Problem('invalid_field', {message: `${field} ${fault}`, field});
}

/**
 * A refusal of the caller as 403, for a proxy that takes other statuses for faults. What is wrong with
 * the request (400), or with us (5xx), stays as it is.
 */
export function asForbidden(problem: Problem): Problem {
	const {code, message, field, violatedPolicies, status} = problem;
	if (status <= 400 || status >= 500) return problem;
	const told = {...problem.headers, [headers.deniedStatus]: String(status)};
	return new Problem(code, {message, field, violatedPolicies, status: 403, headers: told});
}

export type RespondProblem = (ctx: Context, problem: Problem) => void;

const retryAfterSeconds = '1';

/** Writes a problem as the contract has it: one member, the code in a header; RFC 9457 on request. */
export function respondProblem(ctx: Context, problem: Problem): void {
	respondHeaders(ctx, problem);
	if (/application\/problem\+json/i.test(ctx.get('Accept'))) {
		ctx.set('Content-Type', 'application/problem+json; charset=utf-8');
		ctx.body = JSON.stringify(problemDetails(problem, ctx.state.requestId));
	} else {
		ctx.body = {error: problem.message} satisfies ErrorBody;
	}
}

/** Writes a problem as OAuth clients read it (RFC 6749, 5.2): the code, then the text. */
export function respondOAuthProblem(ctx: Context, problem: Problem): void {
	respondHeaders(ctx, problem);
	ctx.body = {
		error: oauthErrorOf(problem.code),
		error_description: problem.message,
	} satisfies OAuthErrorBody;
}

/** Writes a problem as clients of Unkey read it; they look for the 429 of a server in this media type only. */
export function respondUnkeyProblem(ctx: Context, problem: Problem): void {
	respondHeaders(ctx, problem);
	const {requestId} = ctx.state;
	const {title, detail, status, type} = problemDetails(problem, requestId);
	const isBadRequest = status === 400;
	const location = problem.field ?? 'body';
	const errors = isBadRequest ? {errors: [{location, message: detail}]} : {};
	const body: UnkeyErrorBody = {
		meta: {requestId},
		error: {title, detail, status, type, ...errors},
	};
	ctx.type = status === 429 ? 'application/problem+json' : 'application/json';
	ctx.body = JSON.stringify(body);
}

function respondHeaders(ctx: Context, problem: Problem): void {
	const {status} = errors[problem.code];
	ctx.status = problem.status;
	ctx.set(headers.errorCode, problem.code);
	if (status === 503 || status === 429) ctx.set('Retry-After', retryAfterSeconds);
	for (const [name, value] of Object.entries(problem.headers)) ctx.set(name, value);
	ctx.state['errorCode'] = problem.code;
}

function problemDetails(problem: Problem, requestId: string): ProblemBody {
	return {
		type: problem.violatedPolicies === undefined ? 'about:blank' : quotaExceededType,
		title: errors[problem.code].message,
		status: problem.status,
		detail: problem.message,
		code: problem.code,
		...(problem.field === undefined ? {} : {field: problem.field}),
		...(problem.violatedPolicies === undefined
			? {}
			: {'violated-policies': problem.violatedPolicies}),
		request_id: requestId,
	};
}
