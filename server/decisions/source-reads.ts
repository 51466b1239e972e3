import type {IncomingMessage, ServerResponse} from 'node:http';
import type {Route} from '../../contract/route.ts';
import {routes} from '../../contract/routes.ts';
import {isUuid} from '../../contract/text.ts';
import {sessionsOf} from '../../core/db/connect.ts';
import {TurnReader} from '../../core/db/turn-reader.ts';
import type {Deps} from '../../core/deps.ts';
import type {KeyFacts} from '../../core/keys/policy.ts';
import {plainUse} from '../../core/limits/charges.ts';
import type {Lookup} from '../../core/verification/verifier.ts';
import {readNewestSources, readSourcesById, type SourceAsked} from '../../core/sources/reading.ts';
import {scopesToCall} from '../http/needed.ts';
import {viaOf} from '../http/via.ts';
import {presentSource} from '../present/source.ts';
import {refusalAnswer, sendAnswer, taggedAnswer, type Answer} from './answers.ts';
import {fail, isLimited, whenJudged, type KeyLookup} from './early-request.ts';
import type {KeyReader, UseReader} from './presented.ts';
import type {Reporter} from './reports.ts';

/** Of one statement, and statements at once: of the pool that management calls share. */
const mostPerRead = 200;
const mostReads = 2;

/** One tag, as we make them. What else `If-None-Match` may say, the application reads. */
const oneTag = /^"[\w-]{22}"$/;

/** @param known the tag of what the client has already */
type Read = (facts: KeyFacts, known: string | undefined) => Promise<Answer | undefined>;

type Options = {
	presentedKey: KeyReader;
	usedBy: UseReader;
	reportsOf: Reporter;
	whenFound: KeyLookup;
	application: (request: IncomingMessage, response: ServerResponse) => void;
};

/**
 * Answers who reads sources with a known key, before the application: what all of one turn of the event loop
 * ask for is one statement.
 *
 * The key is judged twice: before anything is read for it, and when that is there. Only then it counts, and
 * what goes on to the application (a fault, nothing found, a list that is too long, a key that was changed
 * meanwhile) begins there anew.
 *
 * @returns whether it is answered here
 */
export function createSourceReads(
	{db, config, verifier}: Pick<Deps, 'db' | 'config' | 'verifier'>,
	{presentedKey, usedBy, reportsOf, whenFound, application}: Options,
): (request: IncomingMessage, response: ServerResponse) => boolean {
	const isPrepared = !config.database.isPooled;
	const bounds = {mostPerRead, mostReads, mostWaiting: config.maxInFlight};
	const one = new TurnReader({read: readSourcesById(sessionsOf(db), isPrepared), ...bounds});
	const newest = new TurnReader({read: readNewestSources(sessionsOf(db), isPrepared), ...bounds});

	const readOne = async (asked: SourceAsked, known: string | undefined) => {
		const row = await one.find(asked);
		return row && taggedAnswer(presentSource(row), known);
	};
	const readNewest: Read = async ({organisationId}, known) => {
		const rows = await newest.find(organisationId);
		return rows && taggedAnswer(rows.map(presentSource), known);
	};

	const endpointOf = (route: Route) => ({
		route,
		use: {via: viaOf(route), scopes: scopesToCall(route), limits: plainUse},
		reports: reportsOf('GET', route.path),
	});
	const endpoints = {
		list: endpointOf(routes.listSources),
		one: endpointOf(routes.getSource),
	};

	function answer(
		{route, use, reports}: ReturnType<typeof endpointOf>,
		read: Read,
		request: IncomingMessage,
		response: ServerResponse,
	): boolean {
		const startedAt = performance.now();
		const {'if-none-match': known, 'cache-control': control} = request.headers;
		if (known !== undefined && (control !== undefined || !oneTag.test(known))) return false;
		const presented = presentedKey(request, route, false);
		if (presented === undefined) return false;
		const early = {request, startedAt, giveUp: () => application(request, response)};
		const asked = usedBy(request, presented, use);
		const whenRead = (lookup: Lookup, made: Answer) => {
			// Where the key has been limited since, what is left belongs into the answer.
			if (isLimited(lookup)) return early.giveUp();
			whenJudged(verifier.judge(lookup, asked), early, (caller) => {
				const sent = caller.outcome === 'valid' ? made : refusalAnswer(caller, asked);
				const requestId = sendAnswer(response, sent);
				reports(caller.outcome)(requestId, startedAt, asked.ip, caller.facts?.keyId);
			});
		};
		whenFound(presented.key, early, (lookup) => {
			// What limits it would be asked about only after all has been read.
			if (typeof lookup === 'string' || isLimited(lookup)) return early.giveUp();
			if (verifier.review(lookup, asked).outcome !== 'valid') return early.giveUp();
			read(lookup, known).then(
				(made) => {
					if (made === undefined) return early.giveUp();
					whenFound(presented.key, early, (again) => whenRead(again, made));
				},
				(error: unknown) => fail(early, error),
			);
		});
		return true;
	}

	const {path} = routes.listSources;
	return (request, response) => {
		const {url = ''} = request;
		if (url === path) {
			return answer(endpoints.list, readNewest, request, response);
		}
		const id = url.slice(path.length + 1);
		if (url[path.length] !== '/' || !isUuid(id)) return false;
		return answer(
			endpoints.one,
			({organisationId}, known) => readOne({organisationId, id}, known),
			request,
			response,
		);
	};
}
