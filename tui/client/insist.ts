/* A change that is made once, however often it is sent, is sent again where no answer came. */
import {headers} from '../../contract/errors.ts';
import {Failure} from '../failure.ts';
import type {Reply} from './exchange.ts';

const {setTimeout: sleep} = process.getBuiltinModule('node:timers/promises');

/** Before each further try, ms: long enough for a server or proxy that starts anew. */
const pauses = [500, 2000];

/** @throws {Failure} unreachable, where no answer came to any of them */
export async function insist(send: () => Promise<Reply>): Promise<Reply> {
	for (const pause of pauses) {
		const reply = await send().catch(unlessLost);
		if (reply !== undefined && !isNoAnswer(reply)) return reply;
		await sleep(pause);
	}
	return send();
}

function unlessLost(error: unknown): undefined {
	if (!(error instanceof Failure) || error.kind !== 'unreachable') throw error;
}

/** A proxy's word that it lost the answer, or the server's that it still works on it. */
function isNoAnswer({status, headers: received}: Reply): boolean {
	const code = received[headers.errorCode.toLowerCase()];
	return status === 502 || status === 504 || code === 'idempotency_in_progress';
}
