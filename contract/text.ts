import * as z from 'zod';

/**
 * Refused in any text a person names things with: C0 and C1 controls (terminal escapes, NUL that
 * PostgreSQL rejects) and the bidi controls that make one name look like another.
 */
// oxlint-disable-next-line no-control-regex
const forbidden = /[\u0000-\u001F\u007F-\u009F\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

export const maxNameLength = 255;

/**
 * A name of 1 to 255 code points, not blank. Everything that is no name at all (missing, null,
 * blank, a number) gives the one sentence `<field> is required`, as the published contract says.
 */
export function name(field: string) {
	const required = `${field} is required`;
	return z
		.string({error: required})
		.refine((value) => value.trim() !== '', {error: required, abort: true})
		.refine((value) => value.isWellFormed(), {
			error: `${field} must be well-formed Unicode text`,
			abort: true,
		})
		.refine((value) => !forbidden.test(value), {
			error: `${field} must not contain control characters`,
			abort: true,
		})
		.refine((value) => codePoints(value) <= maxNameLength, {
			error: `${field} must be at most ${maxNameLength} characters`,
		});
}

/** An instant as the contract writes it: UTC to the second, `2024-01-15T10:30:00Z`. */
export const timestamp = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

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
		.transform((value) => new Date(value));
}

/** PostgreSQL has no year 0. */
const firstInstant = Date.parse('0001-01-02T00:00:00Z');

/** An instant in the future; kept to the second. */
export function futureInstant(field: string) {
	return instant(field)
		.transform((value) => new Date(Math.floor(value.getTime() / 1000) * 1000))
		.refine((instant) => instant.getTime() > Date.now(), {error: `${field} must be in the future`});
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
