import {isScope} from '../../contract/scopes.ts';
import type {AskedScope, ScopeNeed, ScopeQuery} from '../../contract/scope-query.ts';

/** Scopes as a decision looks at them. */
export type ScopeSet = {
	/** As they are shown. */
	readonly texts: readonly string[];
	readonly set: ReadonlySet<string>;
};

/**
 * What a restricted key may be used for: its own scopes and those of its roles, which it shares with
 * other keys. It has all of them.
 */
export type Scopes = readonly ScopeSet[];

/** @throws where they are not scopes as this program knows them */
export function compileScopes(texts: readonly string[]): ScopeSet {
	if (!Array.isArray(texts) || !texts.every(isScope)) throw new TypeError('not scopes');
	return scopeSetOf(texts);
}

/** Several as one. */
export function joinScopes(scopes: Scopes): ScopeSet {
	return scopeSetOf(textsOf(scopes));
}

/** As they are shown: each once. */
export function textsOf(scopes: Scopes): readonly string[] {
	const [first, ...more] = scopes;
	if (first !== undefined && more.length === 0) return first.texts;
	return [...new Set(scopes.flatMap(({texts}) => texts))];
}

function scopeSetOf(texts: readonly string[]): ScopeSet {
	return {texts, set: new Set(texts)};
}

function covers(scopes: Scopes, {name, wildcards}: AskedScope): boolean {
	for (const {set} of scopes) {
		if (set.has(name)) return true;
		for (const wildcard of wildcards) if (set.has(wildcard)) return true;
	}
	return false;
}

/**
 * Whether a key may do what a query asks for. Allocates nothing: it is done at each use.
 *
 * @param scopes undefined: the key is not restricted
 */
export function isMet({need}: ScopeQuery, scopes: Scopes | undefined): boolean {
	if (need === undefined) return false;
	return scopes === undefined || has(scopes, need);
}

function has(scopes: Scopes, need: ScopeNeed): boolean {
	if ('name' in need) return covers(scopes, need);
	if ('every' in need) {
		for (const part of need.every) if (!has(scopes, part)) return false;
		return true;
	}
	for (const part of need.some) if (has(scopes, part)) return true;
	return false;
}

/** The scopes that a query names and a key lacks. */
export function missingScopes({scopes: asked}: ScopeQuery, scopes: Scopes): string[] {
	return asked.filter((scope) => !covers(scopes, scope)).map(({name}) => name);
}
