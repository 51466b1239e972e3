import type {IncomingMessage} from 'node:http';
import type {Found, Lookup, Verdict, Verifier} from '../../core/verification/verifier.ts';
import {noteAttempt} from '../http/attempted.ts';
import type {InFlight} from '../http/overload.ts';

/** A request that is tried to be answered before the application. */
export type Attempt = {
	request: IncomingMessage;
	/** By `performance.now()`. */
	startedAt: number;
	/** Hands the request on to the application. */
	giveUp: () => void;
};

export type KeyFinder = (
	key: string,
	attempt: Attempt,
	then: (lookup: Lookup, source: Found['source']) => void,
) => void;

/**
 * Goes on with what is known of a key: at once where memory has it, else when PostgreSQL was asked. Who
 * waits for that is one of those that are worked on; where there is no place left, the application says so.
 */
export function createKeyFinder(
	verifier: Pick<Verifier, 'lookUp' | 'read'>,
	inFlight: InFlight,
): KeyFinder {
	return (key, attempt, then) => {
		const lookup = verifier.lookUp(key);
		if (lookup !== undefined) return then(lookup, 'memory');
		if (!inFlight.enter()) return attempt.giveUp();
		verifier.read(key).then(
			(found) => {
				inFlight.leave();
				then(found, 'database');
			},
			(error: unknown) => {
				inFlight.leave();
				fail(attempt, error);
			},
		);
	};
}

/** Goes on with a verdict at once, or where limits are asked about, once it is there. */
export function whenJudged(
	verdict: Verdict | Promise<Verdict>,
	attempt: Attempt,
	then: (verdict: Verdict) => void,
): void {
	if (verdict instanceof Promise) verdict.then(then, (error: unknown) => fail(attempt, error));
	else then(verdict);
}

/** The application answers, and does not ask again what could not be asked. */
export function fail({request, startedAt, giveUp}: Attempt, error: unknown): void {
	noteAttempt(request, {startedAt, error});
	giveUp();
}

export function isLimited(lookup: Lookup): boolean {
	return typeof lookup === 'object' && lookup.limits !== undefined;
}
