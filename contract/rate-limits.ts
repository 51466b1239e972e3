import * as z from 'zod';
import {described} from './described.ts';

/** Limits of how often a key is used, and quotas, as requests give them and answers show them. */

export const mostRateLimits = 10;
export const maxLimit = 10 ** 9;
export const maxWindowSeconds = 2_592_000;
/** Uses a second that a limit can be told apart in: the smallest distance is a microsecond. */
const mostPerSecond = 10 ** 6;
export const maxQuota = 10 ** 12;

/** By which a quota is called in headers and answers, so that no limit can be. */
export const quotaName = 'quota';

export const quotaPeriods = ['hour', 'day', 'week', 'month', 'total'] as const;
export type QuotaPeriod = (typeof quotaPeriods)[number];

/** A limit as it is kept and shown: whatever a request left out is filled in. */
export const rateLimit = z.strictObject({
	name: z.string(),
	/** Uses in each window, spread evenly. */
	limit: z.int(),
	window_seconds: z.int(),
	/** Uses that may come at once. */
	burst: z.int(),
	/** What a use takes of it. */
	cost: z.int(),
	/** Whether each use takes from it; else only a use that names it. */
	auto: z.boolean(),
});

export const quota = z.strictObject({
	limit: z.int(),
	period: z.enum(quotaPeriods),
	/** Of a week (1: Monday) or month, the day on which it begins; null: of another period. */
	reset_day: z.int().nullable(),
	/** Where midnight is meant. */
	timezone: z.string(),
	cost: z.int(),
});

export type RateLimit = z.infer<typeof rateLimit>;
export type Quota = z.infer<typeof quota>;

/** With its members as answers show them: PostgreSQL keeps them in an order of its own. */
export function orderedLimit({
	name,
	limit,
	window_seconds,
	burst,
	cost,
	auto,
}: RateLimit): RateLimit {
	return {name, limit, window_seconds, burst, cost, auto};
}

/** The same of a quota. */
export function orderedQuota(of: Quota | null): Quota | null {
	if (of === null) return null;
	const {limit, period, reset_day, timezone, cost} = of;
	return {limit, period, reset_day, timezone, cost};
}

const nameForm = /^[a-z][a-z0-9_-]{0,31}$/;

/** Why a text cannot be the name of a limit, as a sentence without its subject. */
export function limitNameFault(text: string): string | undefined {
	if (text === quotaName) return 'must not be quota, by which the quota is called';
	return nameForm.test(text)
		? undefined
		: 'must be up to 32 lower-case letters, digits, _ and -, and begin with a letter';
}

/** Limits of a key, up to ten; null and [] are none. */
export function rateLimits(field: string) {
	return listOfLimits(field, limitRequest(field), mostRateLimits, 'a list of limits, or null')
		.transform((limits) => (limits.length === 0 ? null : limits))
		.nullable();
}

/** A list in which no two have one name. @param form what it must be, as it is told where it is none */
export function listOfLimits<S extends z.ZodType<{name: string}>>(
	field: string,
	entry: S,
	most: number,
	form = 'a list of limits',
) {
	return z
		.array(entry, {error: `${field} must be ${form}`})
		.max(most, {error: `${field} must have at most ${most} limits`})
		.superRefine((limits, context) => {
			const index = repeatedName(limits);
			if (index === undefined) return;
			context.addIssue({
				code: 'custom',
				message: `${field}[${index}].name is there twice`,
				path: [index, 'name'],
			});
		});
}

/** The place of the first that has the name of one before it. */
function repeatedName(limits: readonly {name: string}[]): number | undefined {
	const names = limits.map(({name}) => name);
	const index = names.findIndex((name, place) => names.indexOf(name) < place);
	return index < 0 ? undefined : index;
}

/** What is wrong with a member of an entry of a list, by its place in it. */
export function ofEntry(field: string, fault: string) {
	return ({path = []}: {path?: PropertyKey[] | undefined}): string =>
		`${field}[${String(path.at(-2))}].${String(path.at(-1))} ${fault}`;
}

/** How an entry must look that is none. */
export function formOfEntry(field: string, form: string) {
	return ({code, path = []}: {code: string; path?: PropertyKey[] | undefined}) =>
		code === 'invalid_type' ? `${field}[${String(path.at(-1))}] ${form}` : undefined;
}

export function wholeOfEntry(field: string, least: number, most: number) {
	const error = ofEntry(field, `must be a whole number from ${least} to ${most}`);
	return z.int({error}).min(least, {error}).max(most, {error});
}

/** The name of an entry. @param faultOf why a text cannot be it, as a sentence without its subject */
export function nameOfEntry(field: string, faultOf: (text: string) => string | undefined) {
	return z
		.string({error: ofEntry(field, 'is required')})
		.refine((text) => faultOf(text) === undefined, {
			error: (issue) => ofEntry(field, faultOf(String(issue.input)) ?? '')(issue),
		});
}

type Measures = {
	limit?: number | undefined;
	window_seconds?: number | undefined;
	burst?: number | undefined;
};

/** An entry whose limit can be told apart in its window, and whose burst is within it. */
function fittingLimit<S extends z.ZodType<Measures>>(field: string, entry: S): S {
	return entry
		.refine(({limit = 0, window_seconds: seconds = 1}) => limit <= mostPerSecond * seconds, {
			path: ['limit'],
			error: ofEntry(field, `must be at most ${mostPerSecond} for each second of the window`),
		})
		.refine(({burst, limit}) => burst === undefined || limit === undefined || burst <= limit, {
			path: ['burst'],
			error: ofEntry(field, 'must be at most the limit'),
		});
}

/**
 * An entry that names a limit of the key, or is one of the caller's own: that has its window.
 *
 * @param window the name of the member that says how long it is
 */
export function namedOrOwnLimit<S extends z.ZodType<Measures>>(
	field: string,
	entry: S,
	window: string,
): S {
	return fittingLimit(field, entry)
		.refine(({limit, window_seconds: seconds}) => limit !== undefined || seconds === undefined, {
			path: ['limit'],
			error: ofEntry(field, `is required beside ${window}`),
		})
		.refine(
			({limit, window_seconds: seconds, burst}) =>
				seconds !== undefined || (limit === undefined && burst === undefined),
			{path: [window], error: ofEntry(field, 'is required beside limit')},
		);
}

function limitRequest(field: string) {
	const form = `must be such as {"name":"burst","limit":100,"window_seconds":60}`;
	const entry = z.strictObject(
		{
			name: nameOfEntry(field, limitNameFault).register(described, {
				pattern: nameForm.source,
			}),
			limit: wholeOfEntry(field, 1, maxLimit),
			window_seconds: wholeOfEntry(field, 1, maxWindowSeconds),
			burst: wholeOfEntry(field, 1, maxLimit).optional(),
			cost: wholeOfEntry(field, 0, maxLimit).optional(),
			auto: z.boolean({error: ofEntry(field, 'must be true or false')}).optional(),
		},
		{error: formOfEntry(field, form)},
	);
	return fittingLimit(field, entry)
		.refine(({cost, limit}) => cost === undefined || cost <= limit, {
			path: ['cost'],
			error: ofEntry(field, 'must be at most the limit'),
		})
		.transform((given): RateLimit => {
			const {name, limit, window_seconds, burst = limit, cost = 1, auto = true} = given;
			return {name, limit, window_seconds, burst, cost, auto};
		});
}

export function wholeNumber(field: string, least: number, most: number) {
	const error = `${field} must be a whole number from ${least} to ${most}`;
	return z.int({error}).min(least, {error}).max(most, {error});
}

/** How much a key may be used in each period; null: as much as its limits let it. */
export function quotaRequest(field: string) {
	const form = `${field} must be such as {"limit":50000,"period":"month"}, or null`;
	return z
		.strictObject(
			{
				limit: wholeNumber(`${field}.limit`, 0, maxQuota),
				period: z.enum(quotaPeriods, {
					error: `${field}.period must be one of ${quotaPeriods.join(', ')}`,
				}),
				reset_day: z
					.int({error: `${field}.reset_day must be a whole number`})
					.nullable()
					.optional(),
				timezone: timeZone(`${field}.timezone`).nullable().optional(),
				cost: wholeNumber(`${field}.cost`, 0, maxQuota).optional(),
			},
			{error: ({code}) => (code === 'invalid_type' ? form : undefined)},
		)
		.superRefine(({period, reset_day: day}, context) => {
			const fault = day === null || day === undefined ? undefined : resetDayFault(period, day);
			if (fault === undefined) return;
			context.addIssue({
				code: 'custom',
				message: `${field}.reset_day ${fault}`,
				path: ['reset_day'],
			});
		})
		.transform(({limit, period, reset_day: day, timezone, cost = 1}): Quota => {
			const reset_day = lastResetDay(period) === undefined ? null : (day ?? 1);
			return {limit, period, reset_day, timezone: timezone ?? 'UTC', cost};
		})
		.nullable();
}

/** Undefined: such a period begins at no day that can be chosen. */
function lastResetDay(period: QuotaPeriod): number | undefined {
	if (period === 'week') return 7;
	// Every month has a day 28.
	return period === 'month' ? 28 : undefined;
}

/** Why a period cannot begin on a day, as a sentence without its subject. */
export function resetDayFault(period: QuotaPeriod, day: number): string | undefined {
	const last = lastResetDay(period);
	if (last === undefined) return 'is for a week or a month only';
	return day >= 1 && day <= last
		? undefined
		: `must be a whole number from 1 to ${last} for a ${period}`;
}

/** A time zone of the IANA database, in its own spelling; no offset, which knows no summer. */
export function timeZone(field: string) {
	const error = `${field} must be a time zone such as Europe/Berlin`;
	const written = z.string({error}).register(described, {
		description: 'A time zone of the IANA database, such as `Europe/Berlin`',
		pattern: timeZoneForm.source,
	});
	return written.transform((text, context) => {
		const name = timeZoneName(text);
		if (name !== undefined) return name;
		context.addIssue({code: 'custom', message: error});
		return z.NEVER;
	});
}

const timeZoneForm = /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/;

/** @returns undefined for what is none */
export function timeZoneName(text: string): string | undefined {
	if (!timeZoneForm.test(text)) return undefined;
	try {
		return new Intl.DateTimeFormat('en', {timeZone: text}).resolvedOptions().timeZone;
	} catch {
		return undefined;
	}
}
