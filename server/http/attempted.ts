import type {IncomingMessage} from 'node:http';

/** What became of an attempt to answer a request before the application. */
export type Attempted = {
	/** When the request came, by `performance.now()`. */
	startedAt: number;
	/** What could not be asked, of PostgreSQL or Redis. */
	error: unknown;
};

const attempts = new WeakMap<IncomingMessage, Attempted>();

/** Leaves for the application what has failed already: asking once more would take as long again. */
export function noteAttempt(request: IncomingMessage, attempted: Attempted): void {
	attempts.set(request, attempted);
}

export function attemptOf(request: IncomingMessage): Attempted | undefined {
	return attempts.get(request);
}
