import type {Route} from '../../contract/route.ts';
import {isUuid} from '../../contract/text.ts';
import {Problem} from './problem.ts';

/** The UUID of nothing (RFC 9562, 5.9). */
export const nilUuid = '00000000-0000-0000-0000-000000000000';

/**
 * What a path names: UUIDs, and text as the route asks for it. Anything else is the name of nothing, so
 * that PostgreSQL is not asked about what it would call an error; where the path cannot lead to nothing,
 * as it makes what it names, it is refused.
 *
 * @param path as it was sent: what is not percent-encoded UTF-8 in it was not decoded
 */
export function readPath(
	{parameters = {}, notFound}: Route,
	path: string,
	given: Readonly<Record<string, string>>,
): Record<string, string> | Problem {
	const isReadable = isDecodable(path);
	const read: Record<string, string> = {};
	for (const [name, value] of Object.entries(given)) {
		const schema = parameters[name];
		if (schema === undefined) {
			read[name] = isUuid(value) ? value : nilUuid;
			continue;
		}
		const fault = isReadable
			? schema.safeParse(value).error?.issues[0]?.message
			: 'The path must be percent-encoded UTF-8';
		if (fault !== undefined && notFound === undefined) {
			const field = isReadable ? {field: name} : {};
			return new Problem('invalid_field', {message: fault, ...field});
		}
		read[name] = fault === undefined ? value : '';
	}
	return read;
}

function isDecodable(path: string): boolean {
	try {
		decodeURIComponent(path);
		return true;
	} catch {
		return false;
	}
}
