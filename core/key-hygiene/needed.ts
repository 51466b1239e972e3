import type {ProposedChange} from '../../contract/key-hygiene.ts';
import {coversScope, isScope} from '../../contract/scopes.ts';
import type {HygieneRow} from './read.ts';

/* What of the scopes of a key its uses needed: a scope with `*` is needed where one that it covers was. */

type Granted = Pick<HygieneRow, 'terms' | 'needed' | 'roles_in_full'>;

const mostScopes = 100;

/** The scopes of a key that no use needed, each once, its own first. */
export function unneededScopes({terms, needed, roles_in_full: roles}: Granted): string[] {
	const settled = roles.filter((role) => role.is_settled).flatMap(({scopes}) => scopes);
	const granted = [...(terms.scopes ?? []), ...settled];
	return [...new Set(granted)].filter((scope) => !isNeeded(scope, needed));
}

/**
 * What makes a key lose what it does not need, and no more: roles of which all is needed stay, and what
 * is needed of the others becomes its own.
 *
 * @returns null where it would be more scopes than a key can have
 */
export function withoutUnneeded({
	terms,
	needed,
	roles_in_full: roles,
}: Granted): ProposedChange | null {
	const isWhole = (role: Granted['roles_in_full'][number]) =>
		!role.is_settled || role.scopes.every((scope) => isNeeded(scope, needed));
	const kept = roles.filter(isWhole);
	const ofOthers = roles.filter((role) => !isWhole(role)).flatMap(({scopes}) => scopes);
	const own = [...(terms.scopes ?? []), ...ofOthers].filter((scope) => isNeeded(scope, needed));
	const scopes = [...new Set(own)];
	if (scopes.length > mostScopes) return null;
	return {scopes, ...(kept.length < roles.length ? {roles: kept.map(({name}) => name)} : {})};
}

/** The scopes that a key without any would be given: those that its uses needed; null: there is nothing to go by. */
export function neededAlone({needed}: Pick<Granted, 'needed'>): ProposedChange | null {
	const scopes = needed.filter(isScope);
	return scopes.length === 0 || scopes.length > mostScopes ? null : {scopes};
}

function isNeeded(scope: string, needed: readonly string[]): boolean {
	return needed.some((each) => coversScope(scope, each));
}
