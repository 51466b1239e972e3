import type {IncomingMessage, ServerResponse} from 'node:http';
import {isUnheard} from './connections.ts';

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/** No request is begun in a turn of the event loop that has taken so long, in ms. */
const mostTurnMs = 4;
/** Beyond so many one is begun for each that comes: a connection may bring many at once. */
const mostWaiting = 1000;

/**
 * Begins requests in the order in which they came, in each turn of the event loop as many as it has time
 * for: in between, what PostgreSQL and Redis have sent is read. Otherwise a change, which takes many turns,
 * would wait in each for as many requests as there are connections; longest where programs share
 * a core, and wait for it in the middle of a turn.
 *
 * @returns what takes a request, with the answer before it on its connection while that is not complete
 */
export function inShortTurns(
	handle: Handle,
): (request: IncomingMessage, response: ServerResponse, before?: ServerResponse) => void {
	const waiting: Parameters<typeof isUnheard>[] = [];
	/** When the first request of this turn was begun. */
	let startedAt: number | undefined;
	const isLong = () => startedAt !== undefined && performance.now() - startedAt > mostTurnMs;

	function begin(request: IncomingMessage, response: ServerResponse): void {
		if (startedAt === undefined) {
			startedAt = performance.now();
			setImmediate(beginTurn);
		}
		handle(request, response);
	}

	function beginNext(): void {
		const next = waiting.shift();
		if (next !== undefined && !isUnheard(...next)) begin(next[0], next[1]);
	}

	function beginTurn(): void {
		startedAt = undefined;
		while (waiting.length > 0 && !isLong()) beginNext();
	}

	return (request, response, before) => {
		if (waiting.length === 0 && !isLong()) return begin(request, response);
		waiting.push([request, response, before]);
		if (waiting.length > mostWaiting) beginNext();
	};
}
