import * as z from 'zod';
import {described} from './described.ts';

/* Names of key roles, as a request gives them. */

const mostRoles = 20;

const shape = /^[a-z][a-z0-9_-]{0,63}$/;

/** What a name of a role must be, as a sentence without its subject. */
export const roleNameForm =
	'must be the name of a role: lower-case letters, digits, _ and -, a letter first, 64 at most';

export function isRoleName(text: string): boolean {
	return shape.test(text);
}

/** That of a role that is made or renamed. */
export function roleName(field: string) {
	const error = `${field} must be lower-case letters, digits, _ and -, a letter first, 64 at most`;
	return z.string({error}).regex(shape, {error});
}

/** Those of the roles of a key; null is an empty list. */
export function roleNames(field: string) {
	const entry = z
		.string({error: ({path}) => `${field}[${String(path?.at(-1))}] ${roleNameForm}`})
		.register(described, {pattern: shape.source});
	return z
		.array(entry, {error: `${field} must be a list of names of roles`})
		.max(mostRoles, {error: `${field} must have at most ${mostRoles} roles`})
		.superRefine((names, context) => {
			for (const [index, name] of names.entries()) {
				const fault = faultOf(name, names.slice(0, index));
				if (fault === undefined) continue;
				context.addIssue({code: 'custom', message: `${field}[${index}] ${fault}`, path: [index]});
				return;
			}
		})
		.nullable();
}

function faultOf(name: string, before: readonly string[]): string | undefined {
	if (!isRoleName(name)) return roleNameForm;
	return before.includes(name) ? 'is there twice' : undefined;
}
