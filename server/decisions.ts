import type {IncomingMessage, ServerResponse} from 'node:http';
import {errors, headers, type ErrorBody} from '../contract/errors.ts';
import {routes} from '../contract/routes.ts';
import {authHeaders, type ForwardAuth} from '../contract/verification.ts';
import type {Deps} from '../core/deps.ts';
import type {KeyFacts} from '../core/keys/policy.ts';
import {lineWriter} from '../core/log.ts';
import type {Verdict} from '../core/verification/verifier.ts';
import {challenge} from './http/authenticate.ts';
import {clientAddress} from './http/client-address.ts';
import {chooseCredential} from './http/credentials.ts';
import {presentSelf} from './http/present-verification.ts';
import {nextRequestId} from './http/request-id.ts';
import type {Metrics} from './metrics.ts';

/** An answer, but for what every answer has: its own headers (name, value, …) and its body. */
type Answer = {status: 200 | 401 | 403; headers: readonly string[]; body: string};

type Endpoint = {path: string; accept: (facts: KeyFacts) => Answer};

const endpoints: readonly Endpoint[] = [
	{
		path: routes.keySelf.path,
		accept: (facts) => ({status: 200, headers: [], body: JSON.stringify(presentSelf(facts))}),
	},
	{
		path: routes.forwardAuth.path,
		accept: ({keyId, organisationId}) => ({
			status: 200,
			headers: [
				authHeaders.method,
				'api_key',
				authHeaders.key,
				keyId,
				authHeaders.organization,
				organisationId,
			],
			body: JSON.stringify({
				auth_method: 'api_key',
				key_id: keyId,
				user_id: null,
				organization_id: organisationId,
			} satisfies ForwardAuth),
		}),
	},
];

function refusal(code: 'unauthorized' | 'plan_required', more: readonly string[]): Answer {
	const {status, message} = errors[code];
	const body = JSON.stringify({error: message} satisfies ErrorBody);
	return {status, headers: [headers.errorCode, code, ...more], body};
}

const unauthorized = refusal('unauthorized', ['WWW-Authenticate', challenge('invalid_token')]);
const planRequired = refusal('plan_required', []);

/**
 * Answers the endpoints that need nothing but a decision from memory, before the application: for
 * a known key, routing, contexts and the log cost more than the decision itself (bench/README.md).
 *
 * Only the plain case is taken: GET or HEAD of the very path, an API key that can be decided about
 * without a round trip, no problem+json asked for. All else goes the application's way, whose
 * routes of the same names give the same answers, byte for byte (test/http/decisions.test.ts).
 *
 * @returns what answers a request and returns true, or leaves it alone and returns false
 */
export function decisions(
	deps: Deps,
	metrics: Metrics,
): (request: IncomingMessage, response: ServerResponse) => boolean {
	const {keys, verifier, config} = deps;
	const byPath = new Map(endpoints.map((endpoint) => [endpoint.path, endpoint]));
	const writeLine = lineWriter(deps.log, 'info');

	return (request, response) => {
		const {method, url} = request;
		if (method !== 'GET' && method !== 'HEAD') return false;
		const endpoint = byPath.get(url ?? '');
		if (endpoint === undefined || request.httpVersion !== '1.1') return false;
		const presented = plainCredentials(request.rawHeaders);
		if (presented === undefined) return false;
		const credential = chooseCredential(presented, keys.prefix);
		if (credential.kind !== 'api_key') return false;

		const startedAt = performance.now();
		const ip = clientAddress(request, config.trustedProxies);
		const verdict = verifier.verifyNow(credential.value, ip);
		if (verdict === undefined) return false;

		const answer = answerOf(verdict, endpoint);
		const requestId = nextRequestId();
		response.writeHead(answer.status, [
			headers.requestId,
			requestId,
			'Cache-Control',
			'no-store',
			'X-Content-Type-Options',
			'nosniff',
			...answer.headers,
			'Content-Type',
			'application/json; charset=utf-8',
			'Content-Length',
			String(Buffer.byteLength(answer.body)),
		]);
		response.end(answer.body);

		const ms = performance.now() - startedAt;
		metrics.requestSeconds.observe(
			{method, route: endpoint.path, status: answer.status},
			ms / 1000,
		);
		writeLine?.(logMembers(requestId, method, endpoint.path, answer.status, ms, ip, verdict));
		return true;
	};
}

function answerOf(verdict: Verdict, endpoint: Endpoint): Answer {
	if (verdict.outcome === 'valid') return endpoint.accept(verdict.facts);
	return verdict.outcome === 'plan_inactive' ? planRequired : unauthorized;
}

/**
 * The lines that can hold a credential, as `headersDistinct` has them.
 *
 * @param raw names and values in turn, as they came
 * @returns undefined where the application must look: two Host lines, problem+json, a transfer coding
 */
function plainCredentials(
	raw: readonly string[],
): {authorization: string[]; 'x-api-key': string[]} | undefined {
	const found = {authorization: [] as string[], 'x-api-key': [] as string[]};
	let hosts = 0;
	for (let i = 0; i < raw.length; i += 2) {
		const name = raw[i] ?? '';
		// By length first: most lines are of no interest, and none of these names is as long as another.
		switch (name.length) {
			case 4:
				if (name.toLowerCase() === 'host') hosts++;
				break;
			case 6:
				if (name.toLowerCase() === 'accept' && (raw[i + 1] ?? '').includes('problem'))
					return undefined;
				break;
			case 9:
				if (name.toLowerCase() === 'x-api-key') found['x-api-key'].push(raw[i + 1] ?? '');
				break;
			case 13:
				if (name.toLowerCase() === 'authorization') found.authorization.push(raw[i + 1] ?? '');
				break;
			case 17:
				if (name.toLowerCase() === 'transfer-encoding') return undefined;
				break;
			default:
		}
	}
	return hosts === 1 ? found : undefined;
}

/** The members of the request's log line; everything in them was made or checked by us. */
function logMembers(
	requestId: string,
	method: string,
	route: string,
	status: number,
	ms: number,
	ip: string | undefined,
	{outcome, facts}: Verdict,
): string {
	const who = facts === undefined ? '' : `,"key_id":"${facts.keyId}"`;
	const why =
		status === 200
			? `,"auth_method":"api_key"`
			: status === 401
				? `,"refusal":"${outcome}","error_code":"unauthorized"`
				: `,"error_code":"plan_required"`;
	return `"request_id":"${requestId}","method":"${method}","route":"${route}","status":${status},"ms":${Math.round(ms * 100) / 100},"ip":"${ip ?? ''}"${who}${why},"msg":"request"`;
}
