import type * as z from 'zod';
import {printable} from '../../contract/text.ts';
import {Problem} from './problem.ts';

/**
 * Checks a body or query against its schema.
 *
 * @returns the parsed value, or a problem that names the first field at fault and what is expected
 */
export function validate<T extends z.ZodType>(
	schema: T,
	value: unknown,
	part: 'body' | 'query',
): z.output<T> | Problem {
	const result = schema.safeParse(value);
	if (result.success) return result.data;
	// A member that nobody knows is named before a missing one: it is usually its misspelling.
	const issues = result.error.issues;
	const unknown = issues.find((issue) => issue.code === 'unrecognized_keys');
	if (unknown !== undefined) {
		const field = printable(unknown.keys[0] ?? '');
		const what = part === 'body' ? 'member' : 'query parameter';
		return new Problem('invalid_field', {message: `Unknown ${what}: ${field}`, field});
	}
	const [issue] = issues;
	if (issue === undefined || issue.path.length === 0) {
		return new Problem('invalid_field', {message: 'Request body must be a JSON object'});
	}
	return new Problem('invalid_field', {message: issue.message, field: nameOf(issue.path)});
}

/** As sentences have it: `limits[0].name`. */
function nameOf(path: readonly PropertyKey[]): string {
	return path
		.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
		.join('')
		.slice(1);
}

/** Checks the parameters of an OAuth request, of which unknown ones are ignored (RFC 6749, 5.2). */
export function validateForm<T extends z.ZodType>(
	schema: T,
	value: unknown,
): z.output<T> | Problem {
	const result = schema.safeParse(value);
	if (result.success) return result.data;
	const message = result.error.issues[0]?.message;
	return new Problem('invalid_request', message === undefined ? {} : {message});
}
