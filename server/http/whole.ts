import type {IncomingMessage} from 'node:http';
import {setImmediate as nextTurn} from 'node:timers/promises';

/**
 * Whether nothing of a request is still to come. What came in one piece with its headers has been
 * gone through by the next turn of the event loop, and no sooner: a tick is too early.
 */
export async function isWhole(request: IncomingMessage): Promise<boolean> {
	if (!request.complete) await nextTurn();
	return request.complete;
}
