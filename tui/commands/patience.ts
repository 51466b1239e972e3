import {setTimeout as sleep} from 'node:timers/promises';
import {asFailure} from '../failure.ts';
import type {Output} from './output.ts';

/**
 * For a command that asks again and again: where the server is away or has too much to do, it says so once,
 * and asks again until there is an answer.
 *
 * @param pauseMs between two questions at least
 * @param isOver whether it is time to give up: then what is wrong is thrown
 */
export function createPatience(
	output: Pick<Output, 'say'>,
	pauseMs: number,
	isOver: () => boolean = () => false,
): <T>(ask: () => Promise<T>) => Promise<T> {
	let isAway = false;
	return async (ask) => {
		for (;;) {
			try {
				const answer = await ask();
				isAway = false;
				return answer;
			} catch (error) {
				const {kind, details, message} = asFailure(error);
				const {status = 0, retryAfter = pauseMs} = details;
				const isPassing = kind === 'unreachable' || status === 429 || status >= 500;
				if (!isPassing || isOver()) throw error;
				if (!isAway) output.say(`${message}. Trying again.`);
				isAway = true;
				await sleep(Math.max(retryAfter, pauseMs));
			}
		}
	};
}
