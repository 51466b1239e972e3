import * as z from 'zod';

import {faultOfCharacters, isBlank} from './characters.ts';
import {described} from './described.ts';

export const maxNameLength = 255;

/** Most code points of a text that is more than a name, such as a reason. */
export const maxNoteLength = 1000;

/**
 * A name of 1 to 255 code points, or as many as `most` says, not blank. Everything that is not a name at all (missing, null,
 * blank or invisible, a number) gives the one sentence `<field> is required`, as the published contract says, or another.
 */
export function name(field: string, most = maxNameLength, required = `${field} is required`) {
	return z
		.string({error: required})
		.refine((value) => !isBlank(value), {error: required, abort: true})
		.refine((value) => value.isWellFormed(), {
			error: `${field} must be well-formed Unicode text`,
			abort: true,
		})
		.superRefine(visible(field))
		.refine((value) => codePoints(value) <= most, {
			error: `${field} must be at most ${most} characters`,
		})
		.register(described, {minLength: 1, maxLength: most});
}

/** Refuses characters that are not seen, or that make one text look like another. */
export function visible(field: string) {
	return (value: string, context: z.RefinementCtx): void => {
		const fault = faultOfCharacters(value);
		if (fault === undefined) return;
		context.addIssue({
			code: 'custom',
			message: `${field} must not contain ${fault} characters`,
			input: value,
			continue: false,
		});
	};
}

/** An id that is no UUID is simply one that nothing has. */
export function isUuid(text: string): boolean {
	return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}

/** An instant as the contract writes it: UTC to the second, `2024-01-15T10:30:00Z`. */
export const timestamp = z
	.string()
	.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
	.register(described, {format: 'date-time'});

/** An instant as RFC 3339 text, to the millisecond. */
export function instant(field: string) {
	const error = `${field} must be a time such as 2030-01-15T10:30:00Z`;
	return z
		.string({error})
		.refine(
			(value) =>
				/^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/.test(value) &&
				Date.parse(value) >= firstInstant,
			{error, abort: true},
		)
		.register(described, {format: 'date-time'})
		.transform((value) => new Date(value));
}

/** PostgreSQL has no year 0. */
const firstInstant = Date.parse('0001-01-02T00:00:00Z');

/** An instant, kept to the second. */
export function wholeSecond(field: string) {
	return instant(field).transform((value) => new Date(wholeSecondOf(value.getTime())));
}

/** @param ms since the epoch */
export function wholeSecondOf(ms: number): number {
	return Math.floor(ms / 1000) * 1000;
}

export function toTimestamp(instant: Date): string {
	return `${instant.toISOString().slice(0, 19)}Z`;
}

/** Characters as people count them in passwords and names: code points, not UTF-16 units. */
export function codePoints(value: string): number {
	let count = 0;
	for (const _ of value) count++;
	return count;
}

/** A parameter of a query that is one of a few words. */
export function choice<const Words extends readonly string[]>(field: string, words: Words) {
	return z.enum(words, {
		error: ({input}) =>
			`${field} must be ${Array.isArray(input) ? 'given once' : words.join(' or ')}`,
	});
}

/** A parameter of a query that is a whole number from 1 to `most`, which has five digits at most. */
export function wholeParameter(field: string, most: number) {
	const error = `${field} must be a whole number from 1 to ${most}`;
	return z
		.string({error})
		.regex(/^[1-9]\d{0,4}$/, {error})
		.transform(Number)
		.refine((value) => value <= most, {error});
}

/** A name from outside, made fit to be shown: short, and without control characters. */
export function printable(text: string): string {
	return text
		.slice(0, 64)
		.toWellFormed()
		.replace(/[\p{Cc}\p{Cf}]/gu, '?');
}
