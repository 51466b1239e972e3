import type {IncomingMessage, ServerResponse} from 'node:http';
import {errors, headers, type ErrorBody} from '../contract/errors.ts';
import {allows} from '../contract/permissions.ts';
import type {Route} from '../contract/route.ts';
import {routes} from '../contract/routes.ts';
import {authHeaders, type ForwardAuth} from '../contract/verification.ts';
import type {Deps} from '../core/deps.ts';
import type {KeyFacts} from '../core/keys/policy.ts';
import type {Lookup, Verdict} from '../core/verification/verifier.ts';
import {accessLog} from './http/access-log.ts';
import {challenge} from './http/authenticate.ts';
import {handOverBody, isJson} from './http/body.ts';
import {clientAddress} from './http/client-address.ts';
import {chooseCredential} from './http/credentials.ts';
import {selfText, verificationText} from './http/present-verification.ts';
import {nextRequestId} from './http/request-id.ts';
import {keyInBody, mostPlainBytes, readWhole} from './http/verify-body.ts';
import type {Metrics} from './metrics.ts';

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/** An answer; the request's id is still to be put into its headers (name, value, …). */
type Answer = {
	status: 200 | 401 | 403;
	headers: string[];
	body: string;
	/** Of the body, which is ASCII where it has as many characters. */
	length: number;
};

type Endpoint = {route: Route; accept: (facts: KeyFacts) => Answer};

/** One line and one measurement, after the answer was sent. */
type Report = (
	requestId: string,
	startedAt: number,
	ip: string | undefined,
	keyId: string | undefined,
) => void;

type Reports = (outcome: Verdict['outcome']) => Report;
type Reported = Record<'get' | 'head', Reports>;

/** @param own headers of this endpoint; the order of all is the application's */
function answer(status: Answer['status'], own: readonly string[], body: string): Answer {
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

const endpoints: readonly Endpoint[] = [
	{
		route: routes.keySelf,
		accept: (facts) => answer(200, [], selfText(facts)),
	},
	{
		route: routes.forwardAuth,
		accept: ({keyId, organisationId}) =>
			answer(
				200,
				[
					authHeaders.method,
					'api_key',
					authHeaders.key,
					keyId,
					authHeaders.organization,
					organisationId,
				],
				JSON.stringify({
					auth_method: 'api_key',
					key_id: keyId,
					user_id: null,
					organization_id: organisationId,
				} satisfies ForwardAuth),
			),
	},
];

/** @returns the same refusal again and again: each with headers of its own */
function refusal(code: 'unauthorized' | 'plan_required', more: readonly string[]): () => Answer {
	const {status, message} = errors[code];
	const body = JSON.stringify({error: message} satisfies ErrorBody);
	const model = answer(status, [headers.errorCode, code, ...more], body);
	return () => ({...model, headers: model.headers.slice()});
}

const unauthorized = refusal('unauthorized', ['WWW-Authenticate', challenge('invalid_token')]);
const planRequired = refusal('plan_required', []);

/** Whether the table of rights lets an API key call a route; else the application says so. */
function keysMay({permission}: Route): boolean {
	return permission === undefined || allows(permission, 'key');
}

function refused({outcome}: Verdict): Answer {
	return outcome === 'plan_inactive' ? planRequired() : unauthorized();
}

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
			.map((endpoint) => [
				endpoint.route.path,
				{
					...endpoint,
					get: reportsOf('GET', endpoint.route.path),
					head: reportsOf('HEAD', endpoint.route.path),
				},
			]),
	);
	const verifyPath = keysMay(routes.verifyKey) ? routes.verifyKey.path : undefined;
	const linesOf = accessLog(deps.log);
	const verifyReports = reportsOf('POST', routes.verifyKey.path);

	/** The key that a request presents; undefined where the application must look. */
	function presentedKey(request: IncomingMessage): string | undefined {
		const lines = plainLines(request.rawHeaders);
		if (lines === undefined || request.httpVersion !== '1.1') return undefined;
		const credential = chooseCredential(lines, keys.prefix);
		return credential.kind === 'api_key' ? credential.value : undefined;
	}

	/** Where the answers of one endpoint and method are reported, by why and how they came out. */
	function reportsOf(method: string, route: string): Reports {
		const made = new Map<Verdict['outcome'], Report>();
		const make = (outcome: Verdict['outcome']): Report => {
			const status = outcome === 'valid' ? 200 : outcome === 'plan_inactive' ? 403 : 401;
			const durations = metrics.requestSeconds.of(method, route, status);
			const writeLine = linesOf({
				method,
				route,
				status,
				authMethod: status === 200 ? 'api_key' : undefined,
				refusal: status === 401 ? outcome : undefined,
				errorCode: status === 401 ? 'unauthorized' : status === 403 ? 'plan_required' : undefined,
			});
			return (requestId, startedAt, ip, keyId) => {
				const ms = performance.now() - startedAt;
				durations.observe(ms / 1000);
				writeLine({requestId, ms, ip, keyId});
			};
		};
		return (outcome) => {
			let report = made.get(outcome);
			if (report === undefined) made.set(outcome, (report = make(outcome)));
			return report;
		};
	}

	function describe(
		endpoint: Endpoint & Reported,
		request: IncomingMessage,
		response: ServerResponse,
	): void {
		const startedAt = performance.now();
		const presented = presentedKey(request);
		const lookup = presented === undefined ? undefined : verifier.lookUp(presented);
		if (lookup === undefined) return application(request, response);
		const ip = clientAddress(request, config.trustedProxies);
		const caller = verifier.judge(lookup, ip);
		const isValid = caller.outcome === 'valid';
		const requestId = send(response, isValid ? endpoint.accept(caller.facts) : refused(caller));
		const reports = request.method === 'HEAD' ? endpoint.head : endpoint.get;
		reports(caller.outcome)(requestId, startedAt, ip, caller.facts?.keyId);
	}

	function verify(request: IncomingMessage, response: ServerResponse): void {
		const startedAt = performance.now();
		const presented = presentedKey(request);
		const {
			'content-length': length,
			'content-type': type,
			'content-encoding': coding,
		} = request.headers;
		const size = Number(length);
		const isSmall = size > 0 && size <= mostPlainBytes;
		const isPlain = isSmall && isJson(type) && coding === undefined;
		if (presented === undefined || !isPlain) return application(request, response);

		readWhole(request, size, (bytes) => {
			const key = keyInBody(bytes);
			const callerLookup = verifier.lookUp(presented);
			const lookup = key === undefined ? undefined : verifier.lookUp(key.trim());
			// Only when both can be decided is either counted.
			if (callerLookup === undefined || lookup === undefined) {
				handOverBody(request, bytes);
				return application(request, response);
			}
			const ip = clientAddress(request, config.trustedProxies);
			const caller = verifier.judge(callerLookup, ip);
			const isValid = caller.outcome === 'valid';
			const requestId = send(response, isValid ? verified(lookup, caller.facts) : refused(caller));
			verifyReports(caller.outcome)(requestId, startedAt, ip, caller.facts?.keyId);
		});
	}

	function verified(lookup: Lookup, caller: KeyFacts): Answer {
		const verdict = verifier.judge(lookup, undefined, caller.organisationId);
		return answer(200, [], verificationText(verdict));
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

/** @returns the id of the request */
function send(response: ServerResponse, {status, headers: all, body, length}: Answer): string {
	const requestId = nextRequestId();
	all[1] = requestId;
	response.writeHead(status, all);
	response.end(body, length === body.length ? 'latin1' : 'utf8');
	return requestId;
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
