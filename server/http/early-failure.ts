import type {IncomingMessage} from 'node:http';

/** Why a request could not be answered before the application. */
export type EarlyFailure = {
	/** When the request came, by `performance.now()`. */
	startedAt: number;
	/** What could not be asked, of PostgreSQL or Redis. */
	error: unknown;
};

const failures = new WeakMap<IncomingMessage, EarlyFailure>();

/** Leaves for the application what has failed already: asking once more would take as long again. */
export function noteEarlyFailure(request: IncomingMessage, failure: EarlyFailure): void {
	failures.set(request, failure);
}

export function earlyFailureOf(request: IncomingMessage): EarlyFailure | undefined {
	return failures.get(request);
}
