import * as z from 'zod';
import {described} from './described.ts';
import {permissions, type Permission} from './permissions.ts';

/*
Scopes: what a key may be used for. Each service has names of its own for it, such as `orders.read`, of
segments with `.`, `:` or `/` between them, which are three different separators. In the list of a key,
`*` may stand alone, or for everything below a segment: `orders.*` covers `orders.read` and
`orders.items.read`, not `orders` and not `orders:read`.

What begins with `latchkey:` is about Latchkey's own API: `latchkey:sources:read` and the like, from the
table of rights. Only the very scope and `latchkey:*` cover it; `*` does not.
*/

const mostScopes = 100;
const mostCharacters = 100;

const segments = /^[A-Za-z0-9_-]{1,64}(?:[.:/][A-Za-z0-9_-]{1,64})*$/;
const lastSegmentWild = /[.:/]\*$/;

/** How scopes of Latchkey's own API begin. */
export const reservedPrefix = 'latchkey:';

/** What a key needs for a right of its own here. */
export function scopeOf(permission: Permission): string {
	return reservedPrefix + permission;
}

const reservedScopes: ReadonlySet<string> = new Set(
	(Object.keys(permissions) as Permission[]).map(scopeOf),
);

/** Whether a text is a scope without `*`, as a service asks for it. */
export function isScopeName(text: string): boolean {
	if (text.length > mostCharacters || !segments.test(text)) return false;
	return !isReserved(text) || reservedScopes.has(text);
}

/** Whether a text is a scope that a key can carry. */
export function isScope(text: string): boolean {
	if (text.length > mostCharacters) return false;
	if (text === '*' || text === `${reservedPrefix}*`) return true;
	if (!lastSegmentWild.test(text)) return isScopeName(text);
	return segments.test(text.slice(0, -2)) && !isReserved(text);
}

/** Every scope with `*` that covers a scope. */
export function wildcardsOver(name: string): string[] {
	if (isReserved(name)) return [`${reservedPrefix}*`];
	return ['*', ...[...name.matchAll(/[.:/]/g)].map(({index}) => `${name.slice(0, index + 1)}*`)];
}

/** Whether a scope of a key, which may have `*`, gives all that another one gives. */
export function coversScope(scope: string, other: string): boolean {
	return scope === other || wildcardsOver(other).includes(scope);
}

function isReserved(text: string): boolean {
	return text.startsWith(reservedPrefix);
}

const scopeForm = 'must be a scope such as orders.read or orders.*';
const reservedForm = `begins with ${reservedPrefix}, which is for the rights of the API: write ${scopeOf('sources:read')}, another right, or ${reservedPrefix}*`;

/** Why a text is not a scope that a key can carry, as a sentence without its subject. */
export function scopeFault(text: string): string | undefined {
	if (isScope(text)) return undefined;
	return isReserved(text) ? reservedForm : scopeForm;
}

/** The scopes of a key, as a request gives them; null: no restriction, and an empty list: none at all. */
export function scopeList(field: string) {
	return scopes(field, ', or null').nullable();
}

/** The scopes of a role, which is never without a list. */
export function roleScopeList(field: string) {
	return scopes(field, '');
}

function scopes(field: string, orElse: string) {
	const entry = z
		.string({error: ({path}) => `${field}[${String(path?.at(-1))}] ${scopeForm}`})
		.register(described, {pattern: '^[A-Za-z0-9_.:/*-]+$', maxLength: mostCharacters});
	return z
		.array(entry, {error: `${field} must be a list of scopes${orElse}`})
		.max(mostScopes, {error: `${field} must have at most ${mostScopes} scopes`})
		.superRefine((texts, context) => {
			const seen = new Set<string>();
			for (const [index, text] of texts.entries()) {
				const fault = scopeFault(text) ?? (seen.has(text) ? 'is there twice' : undefined);
				seen.add(text);
				if (fault === undefined) continue;
				context.addIssue({code: 'custom', message: `${field}[${index}] ${fault}`, path: [index]});
				return;
			}
		});
}
