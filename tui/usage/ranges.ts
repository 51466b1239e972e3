import type {UsageStep} from '../../contract/usage.ts';
import {toTimestamp} from '../../contract/text.ts';

/* How far back pictures of usage go. */

const day = 24 * 3_600_000;

type Range = {
	readonly title: string;
	/** Where there is little room. */
	readonly short: string;
	readonly step: UsageStep;
	/** Of what is told by address: counts of an hour by address are not kept for as long. */
	readonly detailStep: UsageStep;
	/** Where it begins; undefined: where the server begins by itself, by its own clock. */
	readonly from: (now: number) => string | undefined;
};

export const usageRanges = {
	day: {title: '24 hours', short: '24 h', step: 'hour', detailStep: 'hour', from: () => undefined},
	week: {
		title: '7 days',
		short: '7 d',
		step: 'hour',
		detailStep: 'day',
		// Whole days, so that what is told by hour and by day is of the same time.
		from: (now) => toTimestamp(new Date(Math.floor(now / day) * day - 6 * day)),
	},
	month: {title: '30 days', short: '30 d', step: 'day', detailStep: 'day', from: () => undefined},
} as const satisfies Readonly<Record<string, Range>>;

export type UsageRange = keyof typeof usageRanges;

export const usageRangeNames = Object.keys(usageRanges) as UsageRange[];

export function rangeOf(name: UsageRange): Range {
	return usageRanges[name];
}
