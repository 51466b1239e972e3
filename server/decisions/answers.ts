import type {ServerResponse} from 'node:http';
import {errors, headers, type ErrorBody} from '../../contract/errors.ts';
import {outcomes, refusalErrors, type Refusal, type RefusalError} from '../../contract/outcomes.ts';
import type {Asked} from '../../core/keys/asked.ts';
import type {LimitsVerdict} from '../../core/limits/verdict.ts';
import type {Verdict} from '../../core/verification/verifier.ts';
import type {DeniedAs} from '../http/needed.ts';
import {challenge, scopeChallenge} from '../http/problem.ts';
import {nextRequestId} from '../http/request-id.ts';
import {tagOfBody} from '../http/tagged.ts';
import {limitHeaders, secondsToRoom} from '../present/limits.ts';
import {writeAsAsked, writeProxiedKey, writeSelf} from '../present/texts.ts';
import {keyHeaders, type AboutVerification} from '../present/verification.ts';

/** An answer as it is sent; the request's id is still to be put into its headers (name, value, …). */
export type Answer = {
	status: number;
	headers: string[];
	body: string;
	/** Of the body, which is ASCII where it has as many characters. */
	length: number;
};

/**
 * @param own headers of this answer; the order of all is the application's
 * @param body JSON text
 */
function answerOf(status: number, own: readonly string[], body: string): Answer {
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

const noLines: readonly string[] = [];

/**
 * What was asked for, as it is shown, with an `ETag`.
 *
 * @param known the tag that the client has already: then it gets 304 and no body
 */
export function taggedAnswer(shown: object, known: string | undefined): Answer {
	const body = JSON.stringify(shown);
	const tag = tagOfBody(body);
	if (tag !== known) return answerOf(200, ['ETag', tag], body);
	const {headers: all} = answerOf(304, ['ETag', tag], '');
	// It has neither a type nor a length.
	return {status: 304, headers: all.slice(0, -4), body: '', length: 0};
}

export type ValidVerdict = Verdict & {outcome: 'valid'};

export function selfAnswer({facts, limits}: ValidVerdict): Answer {
	return answerOf(200, linesOf(limits), writeSelf(facts));
}

/**
 * @param limits of whoever asks: those of the key that is asked about are in the body
 * @param about what the full answer tells besides; absent: the answer is the brief one
 */
export function verificationAnswer(
	verdict: Verdict,
	asked: Asked,
	limits: LimitsVerdict | undefined,
	about: AboutVerification | undefined,
): Answer {
	return answerOf(200, linesOf(limits), writeAsAsked(verdict, asked, about));
}

/**
 * @param written the answer about each key
 * @param limits of whoever asks
 */
export function verificationsAnswer(
	written: readonly string[],
	limits: LimitsVerdict | undefined,
): Answer {
	return answerOf(200, linesOf(limits), `[${written.join(',')}]`);
}

export function forwardAuthAnswer({facts, limits}: ValidVerdict): Answer {
	return answerOf(200, [...linesOf(limits), ...keyHeaders(facts)], writeProxiedKey(facts));
}

/**
 * @param deniedAs as `asForbidden` has it in the application
 * @param lines headers before the error's code
 * @param asking headers behind it
 */
function refusal(
	code: RefusalError,
	deniedAs: DeniedAs,
	asking: readonly string[],
	lines: readonly string[] = noLines,
): Answer {
	const {status, message} = errors[code];
	const denied = deniedAs === undefined ? noLines : [headers.deniedStatus, String(status)];
	const own = [...lines, headers.errorCode, code, ...asking, ...denied];
	const body: ErrorBody = {error: message};
	return answerOf(deniedAs ?? status, own, JSON.stringify(body));
}

/** What a key that is not accepted is answered, by the error: the same again and again. */
function refusalsAs(deniedAs: DeniedAs): Record<RefusalError, Answer> {
	const made = refusalErrors.map((code) => {
		const isUnknown = errors[code].status === 401;
		const asking = isUnknown ? ['WWW-Authenticate', challenge('invalid_token')] : [];
		return [code, refusal(code, deniedAs, asking)];
	});
	return Object.fromEntries(made) as Record<RefusalError, Answer>;
}

const refusals = refusalsAs(undefined);
const refusalsAsForbidden = refusalsAs(403);

export function refusalAnswer(
	{outcome, limits}: Verdict & {outcome: Refusal},
	{scopes}: Asked,
	deniedAs?: DeniedAs,
): Answer {
	const code = outcomes[outcome].error;
	if (limits !== undefined) {
		// What is left differs each time.
		return refusal(code, deniedAs, ['Retry-After', secondsToRoom(limits)], linesOf(limits));
	}
	if (code === 'insufficient_scope') {
		return refusal(code, deniedAs, ['WWW-Authenticate', scopeChallenge(scopes)]);
	}
	const model = (deniedAs === undefined ? refusals : refusalsAsForbidden)[code];
	// Each with headers of its own.
	return {...model, headers: model.headers.slice()};
}

function linesOf(limits: LimitsVerdict | undefined): readonly string[] {
	return limits === undefined ? noLines : limitHeaders(limits);
}

/**
 * @param requestId where it has one already, as its body tells it
 * @returns the id of the request
 */
export function sendAnswer(
	response: ServerResponse,
	{status, headers: all, body, length}: Answer,
	requestId = nextRequestId(),
): string {
	all[1] = requestId;
	response.writeHead(status, all);
	response.end(body, length === body.length ? 'latin1' : 'utf8');
	return requestId;
}
