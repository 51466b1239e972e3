import type {Context} from 'koa';
import type {RefusalError} from '../../contract/outcomes.ts';
import type {Route} from '../../contract/route.ts';
import {plainUse, readingUse, type LimitsAsked} from '../../core/limits/charges.ts';
import type {LimitsVerdict} from '../../core/limits/verdict.ts';
import {secondsToRoom, violated} from '../present/limits.ts';
import {Problem} from './problem.ts';

/** What a call takes of the limits of the key it is made with. */
export function limitsTaken({limits, credentials}: Route): LimitsAsked | undefined {
	// What no key may call is refused as ever, and takes nothing.
	const isForKeys = credentials === 'any' || credentials === 'api_key';
	if (limits === 'none' || !isForKeys) return undefined;
	return limits === 'read' ? readingUse : plainUse;
}

/** Sets headers that are given as names and values in turn. */
export function setPairs(ctx: Context, pairs: readonly string[]): void {
	for (let i = 0; i < pairs.length; i += 2) ctx.set(pairs[i] ?? '', pairs[i + 1] ?? '');
}

/** What a key is answered whose limits have no room for a use. */
export function limited(code: RefusalError, verdict: LimitsVerdict): Problem {
	return new Problem(code, {
		headers: {'Retry-After': secondsToRoom(verdict)},
		violatedPolicies: violated(verdict),
	});
}
