import type {LimitOutcome} from '../keys/policy.ts';
import type {Charge, Charges} from './charges.ts';
import type {CompiledLimit, CompiledQuota} from './definitions.ts';
import {fits, remainingOf, waitFor} from './gcra.ts';
import type {Period} from './periods.ts';

/** Who decided: the clock and counts of Redis, this server by itself, or nobody. */
export type LimitsSource = 'redis' | 'local' | 'none';

/** How a limit is after a use was held against it. */
export type LimitState = Charge<CompiledLimit> & {
	/** How far ahead its TAT lies, in µs. */
	readonly ahead: number;
	readonly isExceeded: boolean;
};

/** How a quota is. */
export type QuotaState = Charge<CompiledQuota> & {
	/** What was counted, with what was changed by hand. */
	readonly used: number;
	readonly period: Period;
	readonly isExceeded: boolean;
};

/** What became of a use by the limits of its key. */
export type LimitsVerdict = {
	readonly outcome: 'valid' | LimitOutcome;
	readonly charges: Charges;
	readonly source: LimitsSource;
	readonly limits: readonly LimitState[];
	readonly quotas: readonly QuotaState[];
	/** When it was decided, in ms since the epoch. */
	readonly at: number;
};

/** As one use takes it. */
export type QuotaUse = Charge<CompiledQuota> & {
	readonly period: Period;
	/** What somebody added to what is counted. */
	readonly adjustment: number;
};

/**
 * @param states.isCharged whether they hold what the use took; where they do not, and it does not only
 *   read, some of them has no room for it
 * @param states.exceeded which limits have none, where that does not follow from the states
 */
export function verdictOf(
	charges: Charges,
	quotas: readonly QuotaUse[],
	states: {
		aheads: readonly number[];
		counts: readonly number[];
		isCharged: boolean;
		exceeded?: readonly boolean[];
	},
	{source, at}: {source: LimitsSource; at: number},
): LimitsVerdict {
	const isRefused = !states.isCharged && !charges.isReading;
	const limitStates = charges.limits.map((charge, place): LimitState => {
		const ahead = states.aheads[place] ?? 0;
		const hasNoRoom = states.exceeded?.[place] ?? !fits(ahead, charge.cost, charge.of);
		const isExceeded = hasNoRoom && !states.isCharged;
		return {...charge, ahead, isExceeded};
	});
	const quotaStates = quotas.map(({of, cost, period, adjustment}, place): QuotaState => {
		const used = Math.max((states.counts[place] ?? 0) + adjustment, 0);
		return {of, cost, period, used, isExceeded: !states.isCharged && used + cost > of.limit};
	});
	const isLimited = isRefused && limitStates.some(({isExceeded}) => isExceeded);
	const outcome = isLimited ? 'rate_limited' : isRefused ? 'quota_exceeded' : 'valid';
	return {outcome, charges, source, limits: limitStates, quotas: quotaStates, at};
}

/** How many uses of cost 1 a limit would let in at once. */
export function remaining({ahead, of}: LimitState): number {
	return remainingOf(ahead, of);
}

export function remainingOfQuota({used, of}: QuotaState): number {
	return Math.max(of.limit - used, 0);
}

/**
 * In how many seconds, rounded up, a use that was refused would fit into a limit, or one that was not
 * would find it as if nobody had used it; null: never, as the use costs more than ever comes at once.
 */
export function resetSeconds({ahead, cost, of, isExceeded}: LimitState): number | null {
	if (!isExceeded) return Math.ceil(ahead / 1e6);
	const wait = waitFor(ahead, cost, of);
	return wait === undefined ? null : Math.max(Math.ceil(wait / 1e6), 1);
}

/** In how many seconds a quota begins anew; null: never. */
export function resetSecondsOfQuota({period: {end}}: QuotaState, at: number): number | null {
	return end === undefined ? null : Math.max(Math.ceil((end - at) / 1000), 0);
}
