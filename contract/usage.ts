import * as z from 'zod';
import {fullView, keyUsage} from './keys.ts';
import {described} from './described.ts';
import {ownerText} from './key-list.ts';
import {choice, instant, timestamp} from './text.ts';

/* How often keys were checked, over time and by what; and from where. Counts are some seconds behind. */

/** How long a point is: an hour, or a day or a month as UTC counts them. */
export const usageSteps = ['hour', 'day', 'month'] as const;
export type UsageStep = (typeof usageSteps)[number];

/** Most points of one series. */
export const mostPoints = 1000;
/** Most series beside what is told together as `other`. */
export const mostSeries = 50;
/** Counts of an hour by tag or address are kept for so many days; those of a day for as long as all else. */
export const detailDays = 7;

/** By what the checks of one key are told apart. */
export const keyGroupings = ['outcome', 'tag', 'address'] as const;
export type KeyGrouping = (typeof keyGroupings)[number];
/** By what those of an organisation, or of one owner in it, are. */
export const groupings = ['outcome', 'key', 'owner', 'tag', 'address'] as const;
export type Grouping = (typeof groupings)[number];

/** Which checks are counted; absent: all. */
export const usageResults = ['accepted', 'refused'] as const;
export type UsageResult = (typeof usageResults)[number];

const topForm = 'top must be a whole number from 1 to 50';

const period = {
	/** Where it begins, down to the beginning of its step; absent: 24 hours, 30 days or 12 months ago. */
	from: instant('from').optional(),
	/** Where it ends, up to the end of its step; absent: now, with the step that is running. */
	to: instant('to').optional(),
	/** Absent: hours in a period of up to 7 days, days where these are 1,000 at most, else months. */
	step: choice('step', usageSteps).optional(),
	result: choice('result', usageResults).optional(),
	/** How many groups are told by themselves, those counted most; absent: 50. */
	top: z
		.string({error: topForm})
		.regex(/^[1-9]\d?$/, {error: topForm})
		.transform(Number)
		.refine((top) => top <= mostSeries, {error: topForm})
		.optional(),
};

/** Absent grouping: by outcome. */
const keySeriesMembers = {...period, group_by: choice('group_by', keyGroupings).optional()};

/**
 * With `from`, `to`, `step`, `group_by`, `result` or `top`: series. With none of them: counts by outcome of
 * the last 24 hours (`by=hour`), or of the last 30 days, as UTC counts them (`by=day`), the current one included.
 */
export const keyUsageQuery = z
	.strictObject({
		by: z.enum(['hour', 'day'], {error: 'by must be hour or day'}).optional(),
		view: fullView,
		...keySeriesMembers,
	})
	.superRefine((query, context) => {
		const old = (['by', 'view'] as const).find((name) => query[name] !== undefined);
		if (old === undefined || !asksForSeries(query)) return;
		const names = Object.keys(keySeriesMembers).join(', ');
		const message = `${old} cannot be given with any of ${names}: those ask for series`;
		context.addIssue({code: 'custom', message, path: [old]});
	});

/** Whether the use of a key is asked for as series. */
export function asksForSeries(query: object): boolean {
	return Object.keys(keySeriesMembers).some((name) => Object.hasOwn(query, name));
}

const keysForm = `keys must be ids of at most ${mostSeries} keys, with commas between`;

/** What narrows the keys of an organisation whose checks are counted. */
const narrowing = {
	/** Only keys that belong to it now, such as `team/payments`. */
	owner: ownerText.optional(),
	/** Only these. */
	keys: z
		.string({error: keysForm})
		.register(described, {
			description: 'Ids with commas between',
			pattern: '^[0-9A-Fa-f-]{36}(,[0-9A-Fa-f-]{36})*$',
			examples: ['01903c5e-7d0b-7cc4-a0a5-6a4b0f6f9a01,01903c5e-7d0b-7cc4-a0a5-6a4b0f6f9a02'],
		})
		.transform((text) => text.split(','))
		.pipe(z.array(z.uuid({error: keysForm})).max(mostSeries, {error: keysForm}))
		.optional(),
};

export const organisationUsageQuery = z.strictObject({
	...period,
	...narrowing,
	group_by: choice('group_by', groupings).optional(),
});

/** Of an export every group is told, not those counted most alone. */
const {top: _top, ...exported} = period;
const format = {format: choice('format', ['csv', 'ndjson']).optional()};

export const keyUsageExportQuery = z.strictObject({
	...exported,
	...format,
	group_by: choice('group_by', keyGroupings).optional(),
});
export const organisationUsageExportQuery = z.strictObject({
	...exported,
	...narrowing,
	...format,
	group_by: choice('group_by', groupings).optional(),
});

/** When a step began, and how often keys were checked in it. */
const point = z.tuple([timestamp, z.int()]);

export const usageSeries = z.strictObject({
	/** Of all that is told: the beginning of the first step and the end of the last one. */
	from: timestamp,
	to: timestamp,
	step: z.enum(usageSteps),
	group_by: z.enum(groupings),
	/** Those counted most first; by outcome: in the order of the outcomes, those that occurred. */
	series: z.array(
		z.strictObject({
			/** An outcome, the id of a key, an owner such as `team/payments`, a tag or an address; null: none. */
			group: z.string().nullable(),
			/** Of a key. */
			name: z.string().nullable(),
			total: z.int(),
			/** How many of all its checks were refused. */
			refused: z.int(),
			/** One for each step, oldest first. */
			points: z.array(point),
		}),
	),
	/** All that no series tells by itself; null: nothing. */
	other: z.strictObject({total: z.int(), refused: z.int(), points: z.array(point)}).nullable(),
});

export const keyUsageAnswer = z.union([usageSeries, keyUsage]);

/** As CSV with a header, or as lines of JSON: one row for each step of each group that is not zero, oldest first. */
export const usageExport = z.custom<AsyncIterable<unknown>>();

/** Members of a row of an export, in their order. */
export const exportedMembers = ['start', 'group', 'name', 'count', 'refused'] as const;

/** Most clients that are kept of a key, and for how long they are after they were last seen, in days. */
export const mostClients = 100;
export const clientDays = 30;

/** From where a key was used, and by which program: as it was seen, or as services said. */
export const keyClient = z.strictObject({
	/** Null: nobody said. */
	address: z.string().nullable(),
	user_agent: z.string().nullable(),
	first_seen_at: timestamp,
	last_seen_at: timestamp,
	/** How often the key was checked for it, and how many of those it was refused. */
	count: z.int(),
	refused: z.int(),
});

/** Seen last first. */
export const keyClients = z.array(keyClient);

export type UsageSeries = z.infer<typeof usageSeries>;
export type KeyClient = z.infer<typeof keyClient>;
