import type {IncomingMessage, ServerResponse} from 'node:http';
import {errors, headers, type ErrorBody} from '../contract/errors.ts';
import {allows} from '../contract/permissions.ts';
import type {Route} from '../contract/route.ts';
import {routes} from '../contract/routes.ts';
import {authHeaders, verifyRequest, type ForwardAuth} from '../contract/verification.ts';
import type {Deps} from '../core/deps.ts';
import type {KeyFacts} from '../core/keys/policy.ts';
import type {Lookup, Verdict} from '../core/verification/verifier.ts';
import {accessLog} from './http/access-log.ts';
import {challenge} from './http/authenticate.ts';
import {handOverBody, isJson, parseJson} from './http/body.ts';
import {clientAddress} from './http/client-address.ts';
import {chooseCredential} from './http/credentials.ts';
import {presentSelf, presentVerification} from './http/present-verification.ts';
import {nextRequestId} from './http/request-id.ts';
import type {Metrics} from './metrics.ts';

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/** An answer, but for what every answer has: its own headers (name, value, …) and its body. */
type Answer = {status: 200 | 401 | 403; headers: readonly string[]; body: string};

type Endpoint = {route: Route; accept: (facts: KeyFacts) => Answer};

const endpoints: readonly Endpoint[] = [
	{
		route: routes.keySelf,
		accept: (facts) => ({status: 200, headers: [], body: JSON.stringify(presentSelf(facts))}),
	},
	{
		route: routes.forwardAuth,
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

/** Whether the table of rights lets an API key call a route; else the application says so. */
function keysMay({permission}: Route): boolean {
	return permission === undefined || allows(permission, 'key');
}

function refused({outcome}: Verdict): Answer {
	return outcome === 'plan_inactive' ? planRequired : unauthorized;
}

/** Larger ones go the long way: a key has some sixty characters. */
const mostVerifyBytes = 4096;

/**
 * Answers the endpoints that need nothing but a decision from memory, before the application: for
 * a known key, routing, contexts and the log cost more than the decision itself (bench/README.md).
 *
 * Only the plain case is taken: the very path and method, an API key, no round trip needed, no
 * problem+json asked for. All else goes on to the application, whose routes of the same names give
 * the same answers, byte for byte (test/http/decisions.test.ts).
 */
export function decisions(deps: Deps, metrics: Metrics, application: Handle): Handle {
	const {keys, verifier, config} = deps;
	const byPath = new Map(
		endpoints
			.filter(({route}) => keysMay(route))
			.map((endpoint) => [endpoint.route.path, endpoint]),
	);
	const verifyPath = keysMay(routes.verifyKey) ? routes.verifyKey.path : undefined;
	const writeLine = accessLog(deps.log);

	/** The key that a request presents; undefined where the application must look. */
	function presentedKey(request: IncomingMessage): string | undefined {
		const lines = plainLines(request.rawHeaders);
		if (lines === undefined || request.httpVersion !== '1.1') return undefined;
		const credential = chooseCredential(lines, keys.prefix);
		return credential.kind === 'api_key' ? credential.value : undefined;
	}

	function send(
		request: IncomingMessage,
		response: ServerResponse,
		given: {route: string; startedAt: number; ip: string | undefined; caller: Verdict},
		answer: Answer,
	): void {
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

		const {route, ip, caller} = given;
		const {status} = answer;
		const method = request.method ?? '';
		const ms = performance.now() - given.startedAt;
		metrics.requestSeconds.observe({method, route, status}, ms / 1000);
		writeLine({
			requestId,
			method,
			route,
			status,
			ms,
			ip,
			authMethod: status === 200 ? 'api_key' : undefined,
			keyId: caller.facts?.keyId,
			refusal: status === 401 ? caller.outcome : undefined,
			errorCode: status === 401 ? 'unauthorized' : status === 403 ? 'plan_required' : undefined,
		});
	}

	function describe(endpoint: Endpoint, request: IncomingMessage, response: ServerResponse): void {
		const startedAt = performance.now();
		const presented = presentedKey(request);
		const lookup = presented === undefined ? undefined : verifier.lookUp(presented);
		if (lookup === undefined) return application(request, response);
		const ip = clientAddress(request, config.trustedProxies);
		const caller = verifier.judge(lookup, ip);
		const given = {route: endpoint.route.path, startedAt, ip, caller};
		const answer = caller.outcome === 'valid' ? endpoint.accept(caller.facts) : refused(caller);
		send(request, response, given, answer);
	}

	function verify(request: IncomingMessage, response: ServerResponse): void {
		const startedAt = performance.now();
		const presented = presentedKey(request);
		const {
			'content-length': length,
			'content-type': type,
			'content-encoding': coding,
		} = request.headers;
		const isPlain = Number(length) <= mostVerifyBytes && isJson(type) && coding === undefined;
		if (presented === undefined || !isPlain) return application(request, response);

		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.once('end', () => {
			const bytes =
				chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
			const body = verifyRequest.safeParse(parseJson(bytes));
			const callerLookup = verifier.lookUp(presented);
			const lookup = body.success ? verifier.lookUp(body.data.key.trim()) : undefined;
			// Only when both can be decided is either counted.
			if (callerLookup === undefined || lookup === undefined) {
				handOverBody(request, bytes);
				return application(request, response);
			}
			const ip = clientAddress(request, config.trustedProxies);
			const caller = verifier.judge(callerLookup, ip);
			const given = {route: routes.verifyKey.path, startedAt, ip, caller};
			const answer = caller.outcome === 'valid' ? verified(lookup, caller.facts) : refused(caller);
			send(request, response, given, answer);
		});
	}

	function verified(lookup: Lookup, caller: KeyFacts): Answer {
		const verdict = verifier.judge(lookup, undefined, caller.organisationId);
		return {status: 200, headers: [], body: JSON.stringify(presentVerification(verdict))};
	}

	return (request, response) => {
		const {method, url = ''} = request;
		if (method === 'GET' || method === 'HEAD') {
			const endpoint = byPath.get(url);
			if (endpoint !== undefined) return describe(endpoint, request, response);
		} else if (method === 'POST' && url === verifyPath) {
			return verify(request, response);
		}
		return application(request, response);
	};
}

/**
 * The lines that can hold a credential, as `headersDistinct` has them.
 *
 * @param raw names and values in turn, as they came
 * @returns undefined where the application must look: two Host lines, problem+json, a transfer coding
 */
function plainLines(
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
