import type {Sent} from '../sending/send.ts';

/** Share of a step by which it is made longer or shorter, so that retries do not come together. */
const jitter = 0.2;
/** A receiver that says it is overloaded, or did not answer, is left alone this long, in seconds. */
const overloadSeconds = 60;
const mostRetryAfterSeconds = 86_400;
const overloaded: readonly (number | null)[] = [429, 502, 504];

/**
 * When to try again after attempt number `attempt` (from 1) failed.
 *
 * @param random from 0 to 1
 * @returns seconds; undefined: that was the last attempt
 */
export function retryAfter(
	attempt: number,
	sent: Pick<Sent, 'result' | 'statusCode' | 'retryAfterSeconds'>,
	steps: readonly number[],
	random: number = Math.random(),
): number | undefined {
	const step = steps[attempt - 1];
	if (step === undefined) return undefined;
	const planned = step * (1 - jitter + 2 * jitter * random);
	const isOverloaded = sent.result === 'timeout' || overloaded.includes(sent.statusCode);
	const asked = sent.retryAfterSeconds ?? (isOverloaded ? overloadSeconds : 0);
	return Math.max(planned, Math.min(asked, mostRetryAfterSeconds));
}
