import * as z from 'zod';
import {described} from './described.ts';
import {
	formOfEntry,
	limitNameFault,
	listOfLimits,
	maxLimit,
	maxWindowSeconds,
	namedOrOwnLimit,
	nameOfEntry,
	ofEntry,
	wholeOfEntry,
} from './rate-limits.ts';

/** What a use asks of the limits of a key. */

export const mostAsked = 5;
const mostNamed = 10;
/** Shared ones have the name that answers call them by: `org:burst`, `owner:burst`. */
const prefix = /^(org|owner):/;
const namePattern = '^((org|owner):)?[a-z][a-z0-9_-]{0,31}$';

function nameFault(text: string): string | undefined {
	return limitNameFault(text.replace(prefix, ''));
}

/**
 * Limits that a use is held against beside those of every use: by name one of the key's, of which a key
 * that does not have it takes no notice; with `limit` and `window_seconds` one that the caller keeps for
 * the key.
 */
export function limitsAsked(field: string) {
	const form = 'must be such as {"name":"writes","cost":2}';
	const entry = z.strictObject(
		{
			name: nameOfEntry(field, nameFault).register(described, {pattern: namePattern}),
			cost: wholeOfEntry(field, 0, maxLimit).optional(),
			limit: wholeOfEntry(field, 1, maxLimit).optional(),
			window_seconds: wholeOfEntry(field, 1, maxWindowSeconds).optional(),
			burst: wholeOfEntry(field, 1, maxLimit).optional(),
		},
		{error: formOfEntry(field, form)},
	);
	const own = namedOrOwnLimit(field, entry, 'window_seconds').refine(
		({name, limit}) => limit === undefined || !prefix.test(name),
		{path: ['name'], error: ofEntry(field, 'must be without org: and owner: beside limit')},
	);
	return listOfLimits(field, own, mostAsked);
}

/** Names of limits, as a query has them: `writes,org:writes`. */
export function limitNames(field: string) {
	return z
		.string({error: `${field} must be given once`})
		.register(described, {
			description: 'Names of limits with commas between, such as `writes,org:writes`',
			pattern: '^[a-z0-9_:,-]+$',
			examples: ['writes,org:writes'],
		})
		.transform((text) => text.split(','))
		.superRefine((names, context) => {
			const wrong = names.find((name) => nameFault(name) !== undefined);
			const fault =
				wrong === undefined ? undefined : `${field}: ${wrong.slice(0, 40)} ${nameFault(wrong)}`;
			if (fault !== undefined) context.addIssue({code: 'custom', message: fault});
			else if (names.length > mostNamed) {
				context.addIssue({
					code: 'custom',
					message: `${field} must have at most ${mostNamed} names`,
				});
			}
		});
}

/** A whole number as a query has it. */
export function wholeNumberText(field: string, least: number, most: number) {
	const error = `${field} must be a whole number from ${least} to ${most}`;
	return z
		.string({error})
		.refine((text) => /^\d{1,16}$/.test(text) && Number(text) >= least && Number(text) <= most, {
			error,
		})
		.register(described, {pattern: '^\\d{1,16}$', examples: [String(Math.max(least, 1))]})
		.transform(Number);
}
