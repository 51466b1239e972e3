import {waitAfter} from '../../../app/loading.ts';
import {topOfTable} from '../../../components/table/state.ts';
import type {UsageRange} from '../../../usage/ranges.ts';
import {sampled} from '../../../usage/rate.ts';
import type {UsageRead} from '../../../usage/reads.ts';
import type {UsageState} from './screen.ts';

/* How what a chart shows comes in. */

const afterFailure = 10_000;

/** Nothing read yet, to be read at once. */
export const unreadUsage = {
	range: 'day',
	table: topOfTable,
	reading: false,
	nextAt: 0,
	samples: [],
} as const satisfies UsageState<UsageRead>;

/** What was read, where it is of the range that is shown. `took` in ms. */
export function heardUsage<Read extends UsageRead, S extends UsageState<Read>>(
	screen: S,
	{read, took}: {read: Read; took: number},
	now: number,
): S {
	if (read.range !== screen.range) return screen;
	const {problem: _, ...rest} = screen;
	const every = waitAfter(took);
	// Of steps of another length counts do not grow by the same.
	const isSame = read.byOutcome.step === screen.read?.byOutcome.step;
	return {
		...(rest as S),
		reading: false,
		nextAt: now + every,
		every,
		loadedAt: now,
		read,
		samples: sampled(isSame ? screen.samples : [], read.byOutcome, now),
	};
}

/** Why nothing could be read; what there is stays. */
export function missedUsage<S extends UsageState<UsageRead>>(
	screen: S,
	range: UsageRange,
	problem: string,
	now: number,
): S {
	if (range !== screen.range) return screen;
	return {...screen, reading: false, nextAt: now + afterFailure, problem};
}
