import type {IncomingMessage, ServerResponse} from 'node:http';
import type {Socket} from 'node:net';
import {allows} from '../../contract/permissions.ts';
import type {Route} from '../../contract/route.ts';
import {routes} from '../../contract/routes.ts';
import type {Deps} from '../../core/deps.ts';
import type {Asked} from '../../core/keys/asked.ts';
import {handOverBody, isJson, mostBodyBytes} from '../http/body.ts';
import {neededFor, scopesToCall} from '../http/needed.ts';
import type {InFlight} from '../http/overload.ts';
import {Problem} from '../http/problem.ts';
import {methodAskedAbout, viaOf} from '../http/via.ts';
import {nextRequestId} from '../http/request-id.ts';
import {plainUse} from '../../core/limits/charges.ts';
import type {VerifyRequest} from '../../contract/verification.ts';
import type {Found, Lookup, Verdict} from '../../core/verification/verifier.ts';
import type {Metrics} from '../metrics/metrics.ts';
import {
	forwardAuthAnswer,
	refusalAnswer,
	selfAnswer,
	sendAnswer,
	verificationAnswer,
	verificationsAnswer,
	type Answer,
	type ValidVerdict,
} from './answers.ts';
import {writeAsAsked} from '../present/texts.ts';
import type {AboutVerification} from '../present/verification.ts';
import {createKeyLookup, isLimited, whenJudged, type EarlyRequest} from './early-request.ts';
import {createReporter, type Reports} from './reports.ts';
import {createKeyReader, createUseReader} from './presented.ts';
import {createSourceReads} from './source-reads.ts';
import {
	askedBy,
	asksMore,
	mostPlainBytes,
	readWhole,
	verifyBodies,
	verifyBody,
} from './verify-body.ts';

/** What holds for the application as well. */
export type Guards = {
	isForeign: (socket: Socket, host: string) => boolean;
	inFlight: InFlight;
};

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

type Exchange = {request: IncomingMessage; response: ServerResponse};

/** A request whose body is there. */
type ReadRequest = {
	bytes: Buffer;
	/** The key of whoever asks, and what is asked of it. */
	presented: string;
	asked: Asked;
	early: EarlyRequest;
};

/** What a key that is accepted is told about itself. */
type Endpoint = {route: Route; accept: (verdict: ValidVerdict) => Answer};

type MountedEndpoint = Endpoint & {via: string; reports: ReportsByMethod};

/** Of refusals that are told by their own status, and of those that are told as 403. */
type ReportsByMethod = Record<'GET' | 'HEAD', Record<'own' | 'forbidden', Reports>>;

const endpoints: readonly Endpoint[] = [
	{route: routes.keySelf, accept: selfAnswer},
	{route: routes.forwardAuth, accept: forwardAuthAnswer},
];

/** Whether the table of rights lets an API key call a route; else the application says so. */
function keysMay({permission}: Route): boolean {
	return permission === undefined || allows(permission, 'key');
}

/**
 * Answers the endpoints that need nothing but a decision from memory, before the application: for
 * a known key, routing, contexts and the log cost more than the decision itself (bench/README.md).
 *
 * Only the plain case is taken: the very path and method, an API key, no round trip needed, no
 * problem+json asked for. All else goes on to the application, whose routes of the same names give
 * the same answers, byte for byte (test/http/decisions.test.ts).
 */
export function createDecisions(
	deps: Deps,
	metrics: Metrics,
	{isForeign, inFlight}: Guards,
	application: Handle,
): Handle {
	const {keys, verifier, config, clock, tail} = deps;
	const reportsOf = createReporter(deps.log, metrics);
	const reportsBy = (method: string, {path}: Route) => ({
		own: reportsOf(method, path),
		forbidden: reportsOf(method, path, 403),
	});
	const byPath = new Map(
		endpoints
			.filter(({route}) => keysMay(route))
			.map(({route, accept}) => [
				route.path,
				{
					route,
					accept,
					via: viaOf(route),
					reports: {GET: reportsBy('GET', route), HEAD: reportsBy('HEAD', route)},
				},
			]),
	);
	const keysMayVerify = keysMay(routes.verifyKey);
	const scopesToVerify = scopesToCall(routes.verifyKey);
	const presentedKey = createKeyReader(keys, isForeign);
	const usedBy = createUseReader(config);
	const whenFound = createKeyLookup(verifier, inFlight);
	const readSources = createSourceReads(deps, {
		presentedKey,
		usedBy,
		reportsOf,
		whenFound,
		application,
	});
	const verifyReports = reportsOf('POST', routes.verifyKey.path);
	const verifyManyReports = reportsOf('POST', routes.verifyKeys.path);

	function describe(
		endpoint: MountedEndpoint,
		querystring: string,
		request: IncomingMessage,
		response: ServerResponse,
	): void {
		const startedAt = performance.now();
		const presented = presentedKey(request, endpoint.route, false);
		const needed = presented && neededFor(endpoint.route, request, querystring);
		if (presented === undefined || needed === undefined) return application(request, response);
		const {scopes, limits, deniedAs} = needed;
		const method = tail.isWatched ? methodAskedAbout(endpoint.route, request) : undefined;
		const asked = usedBy(request, presented, {via: endpoint.via, method, scopes, limits});
		const {ip} = asked;
		const send = (caller: Verdict) => {
			const isValid = caller.outcome === 'valid';
			const answer = isValid ? endpoint.accept(caller) : refusalAnswer(caller, asked, deniedAs);
			const requestId = sendAnswer(response, answer);
			const reports = endpoint.reports[request.method === 'HEAD' ? 'HEAD' : 'GET'];
			const report = (deniedAs === undefined ? reports.own : reports.forbidden)(caller.outcome);
			report(requestId, startedAt, ip, caller.facts?.keyId);
		};
		const early = {request, startedAt, giveUp: () => application(request, response)};
		whenFound(presented.key, early, (lookup) => {
			whenJudged(verifier.judge(lookup, asked), early, send);
		});
	}

	/**
	 * Awaits the body of a verification; one that is not the plain case goes on to the application.
	 *
	 * @param mostBytes the longest body that is looked at
	 */
	function whenRead(
		route: Route,
		mostBytes: number,
		{request, response}: Exchange,
		go: (read: ReadRequest) => void,
	): void {
		const startedAt = performance.now();
		const presented = presentedKey(request, route, true);
		const {
			'content-length': length,
			'content-type': type,
			'content-encoding': coding,
			'cache-control': caching,
		} = request.headers;
		const size = Number(length);
		const isSmall = size > 0 && size <= mostBytes;
		// Who asks for no-cache wants PostgreSQL to be asked.
		const isPlain = isSmall && isJson(type) && coding === undefined && caching === undefined;
		if (presented === undefined || !isPlain) return application(request, response);
		readWhole(request, size, (bytes) => {
			const giveUp = () => {
				handOverBody(request, bytes);
				application(request, response);
			};
			if (bytes instanceof Problem) return giveUp();
			const early = {request, startedAt, giveUp};
			const use = {via: viaOf(route), scopes: scopesToVerify, limits: plainUse};
			const asked = usedBy(request, presented, use);
			go({bytes, presented: presented.key, asked, early});
		});
	}

	function verify(exchange: Exchange, isFull: boolean): void {
		whenRead(routes.verifyKey, mostPlainBytes, exchange, (read) => {
			const {bytes, presented, asked, early} = read;
			const {startedAt, giveUp} = early;
			const body = verifyBody(bytes);
			if (body === undefined) return giveUp();
			const id = isFull || asksMore(body) ? nextRequestId() : undefined;
			const send = (caller: Verdict, answer: Answer) => {
				const requestId = sendAnswer(exchange.response, answer, id);
				verifyReports(caller.outcome)(requestId, startedAt, asked.ip, caller.facts?.keyId);
			};
			const tellCaller = (caller: Verdict, {lookup, source}: Found) => {
				if (caller.outcome !== 'valid') return send(caller, refusalAnswer(caller, asked));
				const ofBody = askedBy(body, caller.facts.organisationId);
				const tell = (verdict: Verdict) => {
					const about = id === undefined ? undefined : aboutOf(id, source);
					send(caller, verificationAnswer(verdict, ofBody, caller.limits, about));
				};
				whenJudged(verifier.judge(lookup, ofBody), early, tell);
			};
			const judgeCaller = (callerLookup: Lookup, found: Found) => {
				whenJudged(verifier.judge(callerLookup, asked), early, (caller) =>
					tellCaller(caller, found),
				);
			};
			whenFound(presented, early, (callerLookup) => {
				// Who is nobody is refused, whatever is asked.
				if (typeof callerLookup === 'string') return judgeCaller(callerLookup, unasked);
				// Only when both can be decided is either counted.
				whenFound(body.key.trim(), early, (lookup, source) =>
					judgeCaller(callerLookup, {lookup, source}),
				);
			});
		});
	}

	function verifyMany(exchange: Exchange, isFull: boolean): void {
		whenRead(routes.verifyKeys, mostBodyBytes, exchange, (read) => {
			const {bytes, presented, asked, early} = read;
			const {startedAt, giveUp} = early;
			const requests = verifyBodies(bytes);
			const callerLookup = verifier.lookUp(presented);
			const lookups = requests && lookUpAll(requests);
			if (requests === undefined || callerLookup === undefined || lookups === undefined) {
				return giveUp();
			}
			const id = nextRequestId();
			const send = (caller: Verdict, answer: Answer) => {
				sendAnswer(exchange.response, answer, id);
				verifyManyReports(caller.outcome)(id, startedAt, asked.ip, caller.facts?.keyId);
			};
			const goOn = (caller: Verdict) => {
				if (caller.outcome !== 'valid') return send(caller, refusalAnswer(caller, asked));
				const {organisationId} = caller.facts;
				const about = aboutOf(id);
				const written = requests.map((body, index) => {
					const ofBody = askedBy(body, organisationId);
					const verdict = judgeUnlimited(lookups[index] ?? 'unknown', ofBody);
					return writeAsAsked(verdict, ofBody, isFull || asksMore(body) ? about : undefined);
				});
				send(caller, verificationsAnswer(written, caller.limits));
			};
			whenJudged(verifier.judge(callerLookup, asked), early, goOn);
		});
	}

	function aboutOf(requestId: string, source: Found['source'] = 'memory'): AboutVerification {
		return {requestId, now: clock.now(), source};
	}

	/** @returns undefined where PostgreSQL must be asked about one of them, or Redis about its limits */
	function lookUpAll(requests: readonly VerifyRequest[]): Lookup[] | undefined {
		const lookups = verifier.lookUpAll(requests.map(({key}) => key.trim()));
		return lookups?.some(isLimited) ? undefined : lookups;
	}

	function judgeUnlimited(lookup: Lookup, asked: Asked): Verdict {
		const verdict = verifier.judge(lookup, asked);
		if (verdict instanceof Promise) throw new Error('a key without limits waits for Redis');
		return verdict;
	}

	return (request, response) => {
		const covering = coveringRoute(request.url ?? '');
		if (covering !== undefined) {
			request.url = covering.path;
			if (request.method !== 'HEAD') request.method = covering.method;
		}
		const {method, url = ''} = request;
		if (method === 'GET' || method === 'HEAD') {
			const isAsking = url.startsWith(askingPrefix);
			const endpoint = byPath.get(isAsking ? routes.forwardAuth.path : url);
			const querystring = isAsking ? url.slice(askingPrefix.length) : '';
			if (endpoint !== undefined) return describe(endpoint, querystring, request, response);
			if (method === 'GET' && url.startsWith(sourcesPath) && readSources(request, response)) return;
		} else if (method === 'POST' && keysMayVerify && url.startsWith(verifyPath)) {
			const exchange = {request, response};
			if (url.length === verifyPath.length) return verify(exchange, false);
			if (url === fullVerifyPath) return verify(exchange, true);
			if (url === verifyManyPath) return verifyMany(exchange, false);
			if (url === fullVerifyManyPath) return verifyMany(exchange, true);
		}
		return application(request, response);
	};
}

const unasked: Found = {lookup: 'unknown', source: 'memory'};

const verifyPath = routes.verifyKey.path;
const fullVerifyPath = `${verifyPath}?view=full`;
const verifyManyPath = routes.verifyKeys.path;
const fullVerifyManyPath = `${verifyManyPath}?view=full`;

const sourcesPath = routes.listSources.path;

/** What a proxy asks for stands in the query. */
const askingPrefix = `${routes.forwardAuth.path}?`;

const covering = Object.values<Route>(routes).filter(({covers}) => covers);

/** The endpoint that stands for all below its path, whatever the path and the method are. */
function coveringRoute(url: string): Route | undefined {
	return covering.find(({path}) => url.startsWith(path) && url[path.length] === '/');
}
