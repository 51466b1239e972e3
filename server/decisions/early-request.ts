import type {IncomingMessage} from 'node:http';
import type {Found, Lookup, Verdict, Verifier} from '../../core/verification/verifier.ts';
import {noteEarlyFailure} from '../http/early-failure.ts';
import type {InFlight} from '../http/overload.ts';

/** A request that may be answered before the application. */
export type EarlyRequest = {
	request: IncomingMessage;
	/** By `performance.now()`. */
	startedAt: number;
	/** Hands the request on to the application. */
	giveUp: () => void;
};

export type KeyLookup = (
	key: string,
	early: EarlyRequest,
	then: (lookup: Lookup, source: Found['source']) => void,
) => void;

/**
 * Goes on with what is known of a key: at once where memory has it, else when PostgreSQL was asked. Who
 * waits for that is one of those that are worked on; where there is no place left, the application says so.
 */
export function createKeyLookup(
	verifier: Pick<Verifier, 'lookUp' | 'read'>,
	inFlight: InFlight,
): KeyLookup {
	return (key, early, then) => {
		const lookup = verifier.lookUp(key);
		if (lookup !== undefined) return then(lookup, 'memory');
		if (!inFlight.enter()) return early.giveUp();
		verifier.read(key).then(
			(found) => {
				inFlight.leave();
				then(found, 'database');
			},
			(error: unknown) => {
				inFlight.leave();
				fail(early, error);
			},
		);
	};
}

/** Goes on with a verdict at once, or where limits are asked about, once it is there. */
export function whenJudged(
	verdict: Verdict | Promise<Verdict>,
	early: EarlyRequest,
	then: (verdict: Verdict) => void,
): void {
	if (verdict instanceof Promise) verdict.then(then, (error: unknown) => fail(early, error));
	else then(verdict);
}

/** The application answers, and does not ask again what could not be asked. */
export function fail({request, startedAt, giveUp}: EarlyRequest, error: unknown): void {
	noteEarlyFailure(request, {startedAt, error});
	giveUp();
}

export function isLimited(lookup: Lookup): boolean {
	return typeof lookup === 'object' && lookup.limits !== undefined;
}
