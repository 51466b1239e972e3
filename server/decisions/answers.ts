import type {ServerResponse} from 'node:http';
import {errors, headers, type ErrorBody} from '../../contract/errors.ts';
import {outcomes, refusalErrors, type Refusal, type RefusalError} from '../../contract/outcomes.ts';
import {authHeaders, type ForwardAuth} from '../../contract/verification.ts';
import type {Asked} from '../../core/keys/asked.ts';
import type {KeyFacts} from '../../core/keys/policy.ts';
import type {Verdict} from '../../core/verification/verifier.ts';
import {challenge, scopeChallenge} from '../http/problem.ts';
import {nextRequestId} from '../http/request-id.ts';
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

export function selfAnswer(facts: KeyFacts): Answer {
	return answer(200, [], presentSelf(facts));
}

export function verificationAnswer(verdict: Verdict, asked: Asked): Answer {
	return answer(200, [], presentVerification(verdict, asked));
}

export function forwardAuthAnswer(facts: KeyFacts): Answer {
	const {keyId, organisationId} = facts;
	return answer(
		200,
		[
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

export function refusalAnswer(outcome: Refusal, {scopes}: Asked): Answer {
	const code = outcomes[outcome].error;
	if (code === 'insufficient_scope') {
		return refusal(code, ['WWW-Authenticate', scopeChallenge(scopes)]);
	}
	const model = refusals[code];
	// Each with headers of its own.
	return {...model, headers: model.headers.slice()};
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
