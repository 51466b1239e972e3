import {answerHeaders, type AnswerHeader} from '../../../contract/answer-headers.ts';
import {errors, headers, quotaExceededType, type ErrorCode} from '../../../contract/errors.ts';
import {oauthErrorOf} from '../../../contract/oauth.ts';
import type {Route} from '../../../contract/route.ts';
import {errorsOf, errorsOfAnyRequest} from '../../../contract/route-errors.ts';
import {refTo} from './json.ts';

/** What endpoints answer where they refuse, by the codes that stand in `Latchkey-Error-Code`. */

export type Response = {
	description: string;
	headers?: Record<string, unknown>;
	content?: Record<string, unknown>;
};

/** Headers of every answer. */
export const commonHeaders: readonly string[] = [
	headers.requestId,
	'Cache-Control',
	'X-Content-Type-Options',
];

/** Whether the limits of a key are told in the answers of an endpoint. */
function tellsLimits({credentials, limits}: Route): boolean {
	return limits !== 'none' && (credentials === 'any' || credentials === 'api_key');
}

/** The headers that the answers of an endpoint may carry, whatever they are. */
export function headersOf(route: Route): readonly string[] {
	const isChange = route.headers?.includes(headers.revocation);
	return [
		...commonHeaders,
		...(tellsLimits(route) ? ['RateLimit-Policy', 'RateLimit'] : []),
		...(isChange ? [headers.revocation] : []),
	];
}

/** The same of refusals. */
export function refusalHeadersOf(route: Route): readonly string[] {
	return [
		...headersOf(route),
		...(route.deniable ? [headers.deniedStatus] : []),
		...(route.refusalHeaders ?? []),
	];
}

export function headerRefs(names: readonly string[]): Record<string, unknown> {
	return Object.fromEntries(
		[...new Set(names)].map((name) => [name, {$ref: `#/components/headers/${name}`}]),
	);
}

/** Every header that answers may carry, in the place that `headerRefs` refers to. */
export function headerComponents(names: readonly string[]): Record<string, object> {
	return Object.fromEntries(
		names.map((name) => {
			const row: {tells?: string; example?: string} =
				name in answerHeaders ? answerHeaders[name as AnswerHeader] : {};
			return [
				name,
				{
					...(row.tells === undefined ? {} : {description: row.tells}),
					schema: {type: 'string'},
					...(row.example === undefined ? {} : {example: row.example}),
				},
			];
		}),
	);
}

/** The refusals of an endpoint, by status; the codes of each are told by `codesIn`. */
export function refusalsOf(route: Route): Map<number, ErrorCode[]> {
	const own = errorsOf(route);
	const byStatus: Map<number, ErrorCode[]> = Map.groupBy(own, (code) => errors[code].status);
	if (route.deniable) byStatus.set(403, own.filter(isOfCaller));
	for (const code of errorsOfAnyRequest) {
		// Beside errors of its own a status can have those of any request.
		const codes = byStatus.get(errors[code].status);
		if (codes !== undefined && !unrouted.has(code) && !codes.includes(code)) codes.push(code);
	}
	return new Map([...byStatus].toSorted(([a], [b]) => a - b));
}

/** Whether it is the caller who is refused, and not what is asked. */
function isOfCaller(code: ErrorCode): boolean {
	const {status} = errors[code];
	return status > 400 && status < 500;
}

/** Answered where no endpoint is meant. */
const unrouted: ReadonlySet<ErrorCode> = new Set(['not_found', 'method_not_allowed']);

/**
 * @param shapes of which its body has one
 * @param also headers that it may carry beside those that follow from the codes
 */
export function refusal(
	codes: readonly ErrorCode[],
	shapes: readonly Shape[],
	also: readonly string[],
): Response {
	const statuses = new Set<number>(codes.map((code) => errors[code].status));
	const asks = codes.some((code) => errors[code].status === 401 || code === 'insufficient_scope');
	const waits = statuses.has(429) || statuses.has(503) || codes.includes('idempotency_in_progress');
	return {
		description: codes.map((code) => `\`${code}\`: ${errors[code].message}`).join('  \n'),
		headers: {
			...headerRefs(also),
			[headers.errorCode]: {
				required: true,
				description: answerHeaders[headers.errorCode].tells,
				schema: {type: 'string', enum: codes},
			},
			...headerRefs([
				...(asks ? ['WWW-Authenticate'] : []),
				...(waits ? ['Retry-After'] : []),
				...(statuses.has(405) ? ['Allow'] : []),
			]),
		},
		content: bodyOf(shapes, codes),
	};
}

/** Which body refusals have: that of OAuth (RFC 6749, 5.2), that of Unkey, or ours. */
export type Shape = 'form' | 'unkey' | 'plain';

export function shapeOf({form, errorForm}: Route): Shape {
	return form ? 'form' : (errorForm ?? 'plain');
}

const bodies = {form: oauthBody, unkey: unkeyBody, plain: plainBody};

type Body = Record<string, {schema: object; examples: Record<string, unknown>}>;

/** The shapes that refusals have which no endpoint makes, but the frame around them all. */
export function thrownAmong(codes: readonly ErrorCode[]): Shape[] {
	return codes.some((code) => thrown.has(code)) ? ['plain'] : [];
}

const thrown: ReadonlySet<ErrorCode> = new Set([
	'idempotency_in_progress',
	'limit_reached',
	'upgrade_in_progress',
]);

/** @param shapes of which it has one */
function bodyOf(shapes: readonly Shape[], codes: readonly ErrorCode[]): Body {
	const made = shapes.map((shape) => bodies[shape](codes));
	const types = new Set(made.flatMap((body) => Object.keys(body)));
	return Object.fromEntries(
		[...types].map((type) => {
			const medias = made.map((body) => body[type]).filter((media) => media !== undefined);
			const [first] = medias;
			const choices = medias.map(({schema}) => schema);
			const schema = choices.length === 1 ? choices[0] : {anyOf: choices};
			return [type, {...first, schema}];
		}),
	) as Body;
}

function plainBody(codes: readonly ErrorCode[]): Body {
	return {
		'application/json': {
			schema: {$ref: refTo('ErrorBody')},
			examples: examplesOf(codes, (code) => ({error: errors[code].message})),
		},
		'application/problem+json': {
			schema: {$ref: refTo('ProblemBody')},
			examples: examplesOf(codes, problemExample),
		},
	};
}

function oauthBody(codes: readonly ErrorCode[]): Body {
	return {
		'application/json': {
			schema: {$ref: refTo('OAuthErrorBody')},
			examples: examplesOf(codes, (code) => ({
				error: oauthErrorOf(code),
				error_description: errors[code].message,
			})),
		},
	};
}

/** Refusals for want of room in a limit have another media type: see `respondUnkeyProblem`. */
function unkeyBody(codes: readonly ErrorCode[]): Body {
	const isLimit = codes.every((code) => errors[code].status === 429);
	return {
		[isLimit ? 'application/problem+json' : 'application/json']: {
			schema: {$ref: refTo('UnkeyError')},
			examples: examplesOf(codes, unkeyExample),
		},
	};
}

function unkeyExample(code: ErrorCode): object {
	const {title, detail, status, type} = problemExample(code);
	const location = code === 'invalid_field' ? 'permissions' : 'body';
	return {
		meta: {requestId: answerHeaders[headers.requestId].example},
		error: {
			title,
			detail,
			status,
			type,
			...(status === 400 && {errors: [{location, message: detail}]}),
		},
	};
}

function examplesOf(
	codes: readonly ErrorCode[],
	make: (code: ErrorCode) => object,
): Record<string, unknown> {
	return Object.fromEntries(codes.map((code) => [code, {value: make(code)}]));
}

function problemExample(code: ErrorCode) {
	const {status, message} = errors[code];
	const isLimit = code === 'rate_limited' || code === 'quota_exceeded';
	return {
		type: isLimit ? quotaExceededType : 'about:blank',
		title: message,
		status,
		detail: message,
		code,
		...(isLimit ? {'violated-policies': [code === 'rate_limited' ? 'burst' : 'quota']} : {}),
		request_id: answerHeaders[headers.requestId].example,
	};
}

/** The bodies of refusals. */
export const refusalSchemas = {
	ErrorBody: {
		description: 'The body of every error, unless problem details are asked for',
		type: 'object',
		properties: {error: {type: 'string'}},
		required: ['error'],
		examples: [{error: errors.unauthorized.message}],
	},
	ProblemBody: {
		description: 'Problem details (RFC 9457), with `Accept: application/problem+json`',
		type: 'object',
		properties: {
			type: {type: 'string', enum: ['about:blank', quotaExceededType]},
			title: {type: 'string'},
			status: {type: 'integer'},
			detail: {type: 'string'},
			code: {type: 'string', enum: Object.keys(errors)},
			field: {type: 'string', description: 'What of the request is at fault'},
			'violated-policies': {
				type: 'array',
				items: {type: 'string'},
				description: 'Names of the limits and quotas that are used up',
			},
			request_id: {type: 'string'},
		},
		required: ['type', 'title', 'status', 'detail', 'code', 'request_id'],
		examples: [problemExample('unauthorized')],
	},
	UnkeyError: {
		description: 'The body of an error, as clients of Unkey read it',
		type: 'object',
		properties: {
			meta: {
				type: 'object',
				properties: {requestId: {type: 'string'}},
				required: ['requestId'],
			},
			error: {
				type: 'object',
				properties: {
					title: {type: 'string'},
					detail: {type: 'string'},
					status: {type: 'integer'},
					type: {type: 'string', enum: ['about:blank', quotaExceededType]},
					errors: {
						type: 'array',
						description: 'What of the request is at fault, where it is the request (400)',
						items: {
							type: 'object',
							properties: {location: {type: 'string'}, message: {type: 'string'}},
							required: ['location', 'message'],
						},
					},
				},
				required: ['title', 'detail', 'status', 'type'],
			},
		},
		required: ['meta', 'error'],
		examples: [unkeyExample('unauthorized')],
	},
	OAuthErrorBody: {
		description: 'The body of an error of OAuth endpoints (RFC 6749, 5.2)',
		type: 'object',
		properties: {
			error: {type: 'string', enum: Object.keys(errors)},
			error_description: {type: 'string'},
		},
		required: ['error', 'error_description'],
		examples: [{error: 'invalid_client', error_description: errors.invalid_client.message}],
	},
};
