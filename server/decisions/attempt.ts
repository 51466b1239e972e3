import type {Verdict} from '../../core/verification/verifier.ts';

/**
 * Goes on with a verdict at once, or where limits are asked about, once it is there.
 *
 * @param otherwise where there is none: the application says so, by failing in the same way
 */
export function whenJudged(
	verdict: Verdict | Promise<Verdict>,
	then: (verdict: Verdict) => void,
	otherwise: () => void,
): void {
	if (verdict instanceof Promise) void verdict.then(then, otherwise);
	else then(verdict);
}
