import type {ServerResponse} from 'node:http';
import {errors, headers, type ErrorBody} from '../../contract/errors.ts';
import {outcomes, refusalErrors, type Refusal, type RefusalError} from '../../contract/outcomes.ts';
import {authHeaders, type ForwardAuth} from '../../contract/verification.ts';
import type {Asked} from '../../core/keys/asked.ts';
import type {LimitsVerdict} from '../../core/limits/verdict.ts';
import type {Verdict} from '../../core/verification/verifier.ts';
import {challenge, scopeChallenge} from '../http/problem.ts';
import {nextRequestId} from '../http/request-id.ts';
import {limitHeaders, secondsToRoom} from '../present/limits.ts';
import {presentSelf, presentVerification, scopeHeaders} from '../present/verification.ts';

/** An answer as it is sent; the request's id is still to be put into its headers (name, value, …). */
export type Answer = {
	status: number;
	headers: string[];
	body: string;
	/** Of the body, which is ASCII where it has as many characters. */
	length: number;
};

/** @param own headers of this answer; the order of all is the application's */
function answer(status: number, own: readonly string[], shown: object): Answer {
	const body = JSON.stringify(shown);
	const length = Buffer.byteLength(body);
	const all = [
		headers.requestId,
		'',
		'Cache-Control',
		'no-store',
		'X-Content-Type-Options',
		'nosniff',
		...own,
		'Content-Type',
		'application/json; charset=utf-8',
		'Content-Length',
		String(length),
	];
	return {status, headers: all, body, length};
}

export type ValidVerdict = Verdict & {outcome: 'valid'};

export function selfAnswer({facts, limits}: ValidVerdict): Answer {
	return answer(200, linesOf(limits), presentSelf(facts));
}

/** @param limits of whoever asks: those of the key that is asked about are in the body */
export function verificationAnswer(
	verdict: Verdict,
	asked: Asked,
	limits: LimitsVerdict | undefined,
): Answer {
	return answer(200, linesOf(limits), presentVerification(verdict, asked));
}

export function forwardAuthAnswer({facts, limits}: ValidVerdict): Answer {
	const {keyId, organisationId} = facts;
	return answer(
		200,
		[
			...linesOf(limits),
			authHeaders.method,
			'api_key',
			authHeaders.key,
			keyId,
			authHeaders.organization,
			organisationId,
			...scopeHeaders(facts),
		],
		{
			auth_method: 'api_key',
			key_id: keyId,
			user_id: null,
			organization_id: organisationId,
		} satisfies ForwardAuth,
	);
}

function refusal(code: RefusalError, asking: readonly string[]): Answer {
	const {status, message} = errors[code];
	const body = {error: message} satisfies ErrorBody;
	return answer(status, [headers.errorCode, code, ...asking], body);
}

/** What a key that is not accepted is answered, by the error: the same again and again. */
const refusals = Object.fromEntries(
	refusalErrors.map((code) => {
		const isUnknown = errors[code].status === 401;
		return [code, refusal(code, isUnknown ? ['WWW-Authenticate', challenge('invalid_token')] : [])];
	}),
) as Record<RefusalError, Answer>;

export function refusalAnswer(
	{outcome, limits}: Verdict & {outcome: Refusal},
	{scopes}: Asked,
): Answer {
	const code = outcomes[outcome].error;
	if (limits !== undefined) return limitedAnswer(code, limits);
	if (code === 'insufficient_scope') {
		return refusal(code, ['WWW-Authenticate', scopeChallenge(scopes)]);
	}
	const model = refusals[code];
	// Each with headers of its own.
	return {...model, headers: model.headers.slice()};
}

/** What is left differs each time. */
function limitedAnswer(code: RefusalError, limits: LimitsVerdict): Answer {
	const {status, message} = errors[code];
	return answer(
		status,
		[...linesOf(limits), headers.errorCode, code, 'Retry-After', secondsToRoom(limits)],
		{error: message} satisfies ErrorBody,
	);
}

const noLines: readonly string[] = [];

function linesOf(limits: LimitsVerdict | undefined): readonly string[] {
	return limits === undefined ? noLines : limitHeaders(limits);
}

/** @returns the id of the request */
export function sendAnswer(
	response: ServerResponse,
	{status, headers: all, body, length}: Answer,
): string {
	const requestId = nextRequestId();
	all[1] = requestId;
	response.writeHead(status, all);
	response.end(body, length === body.length ? 'latin1' : 'utf8');
	return requestId;
}
