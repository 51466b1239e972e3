import {
	keyTerms,
	type RequestedTerms,
	type ShownTerms,
	type StoredTerms,
	type TermsOfKind,
} from '../../contract/key-terms.ts';
import {
	isWithin,
	networksOf,
	parseAddress,
	type Address,
	type Network,
} from '../../contract/network.ts';
import type {CountedOutcome} from '../../contract/outcomes.ts';
import type {Quota, RateLimit} from '../../contract/rate-limits.ts';
import {versionsOfState} from '../verification/terms-version.ts';
import type {Asked} from './asked.ts';
import {compileScopes, joinScopes, type Scopes, type ScopeSet} from './scopes.ts';
import {createShared} from './shared.ts';

/*
The terms that restrict a key: how each is compiled when memory is filled, and what it refuses. Each
has a row here, which is all that a decision needs to know of it.
*/

type Restricting = TermsOfKind<'terms'>;

/** @returns whether a use is refused */
type Refuses = (asked: Asked, now: number) => boolean;

/** A term of a key, as it is asked at each use. */
export type CompiledRule = {readonly term: Restricting; readonly refuses: Refuses};

type Rule<Value> = {
	/** Which version of the terms of keys brought it, see core/verification/terms-version.ts. */
	version: number;
	/** As what its refusal is told. */
	outcome: CountedOutcome;
	/** Done once, and not for each use. */
	compile: (value: Value) => Refuses;
};

/** A term that is held against what a use needs by a check of its own, and that answers show. */
type Holding<Value> = {version: number; hold: (value: Value) => ScopeSet};

/** A term that is held against how often a key is used: see core/limits. */
type Limiting = {version: number; limits: true};

const rules = {
	scopes: {version: 5, hold: compileScopes},
	ip_allow: {
		version: 2,
		outcome: 'ip_denied',
		compile: (texts) => {
			const allowed = networksOf(...texts);
			return ({origin}) => !isIn(origin, allowed);
		},
	},
	ip_deny: {
		version: 3,
		outcome: 'ip_denied',
		compile: (texts) => {
			const denied = networksOf(...texts);
			// An address that nobody said may be one of them.
			return ({origin}) => origin === undefined || isIn(origin, denied);
		},
	},
	rate_limits: {version: 10, limits: true},
	quota: {version: 10, limits: true},
} as const satisfies {
	[N in Restricting]:
		| Rule<NonNullable<ShownTerms[N]>>
		| Holding<NonNullable<ShownTerms[N]>>
		| Limiting;
};

/** What of the terms of a key limits how often it is used, as it is stored. */
export type OwnLimits = {readonly rate_limits: readonly RateLimit[]; readonly quota: Quota | null};

export const noLimits: OwnLimits = {rate_limits: [], quota: null};

/** What the terms of keys can refuse them for by themselves. */
export type RuleOutcome = Extract<(typeof rules)[Restricting], {outcome: string}>['outcome'];

/** The compiled terms of a key. */
export type KeyRules = {
	/** By what they refuse it for. */
	readonly refusals: Readonly<Partial<Record<RuleOutcome, readonly CompiledRule[]>>>;
	/** About how many bytes they take in memory, without those of its roles. */
	readonly bytes: number;
	/** Undefined: it is not restricted to scopes. */
	readonly scopes: Scopes | undefined;
	readonly roles: CompiledRoles | undefined;
	/** Undefined: none of its own. */
	readonly limits: OwnLimits | undefined;
};

/** What the roles of a key give it: the same for all keys that have these roles. */
export type CompiledRoles = {
	readonly names: readonly string[];
	readonly scopes: ScopeSet;
	readonly bytes: number;
	/** Of the terms of a key that has them. */
	readonly rulesOf: (terms: string) => KeyRules;
};

export const ruleOutcomes: ReadonlySet<string> = new Set(
	Object.values(rules).flatMap((rule) => ('outcome' in rule ? [rule.outcome] : [])),
);

/** A key carries terms that this program cannot read: it must decide nothing about it. */
export class TermsUnknown extends Error {
	constructor(keyId: string, options?: ErrorOptions) {
		super(`the API key ${keyId} carries terms of a newer version of Latchkey`, options);
		this.name = 'TermsUnknown';
	}
}

/** Measured, with the text itself: short IPv4 networks take as much, long IPv6 ones half of it. */
const bytesOf = (text: string) => 600 + 9 * text.length;

const rulesWithoutRoles = createShared((terms) => compile(terms, undefined));
const rolesOf = createShared(compileRoles);

/**
 * @param terms the column `terms` as PostgreSQL writes it: equal ones are the same text
 * @param roles name and scopes of each of its roles, likewise; null: it has none
 * @throws {TermsUnknown}
 */
export function rulesOf(keyId: string, terms: string, roles: string | null = null): KeyRules {
	try {
		return roles === null ? rulesWithoutRoles(terms) : rolesOf(roles).rulesOf(terms);
	} catch (error) {
		throw new TermsUnknown(keyId, {cause: error});
	}
}

function compile(text: string, roles: CompiledRoles | undefined): KeyRules {
	const refusals: Partial<Record<RuleOutcome, CompiledRule[]>> = {};
	let own: ScopeSet | undefined;
	let limits: OwnLimits | undefined;
	for (const [name, value] of Object.entries(JSON.parse(text) as object)) {
		if (!Object.hasOwn(rules, name)) throw new TypeError(`unknown term ${name}`);
		const rule: Rule<never> | Holding<never> | Limiting = rules[name as Restricting];
		if ('limits' in rule) {
			limits = {
				...(limits ?? noLimits),
				[name]: keyTerms[name as keyof OwnLimits].answer.parse(value),
			};
			continue;
		}
		if ('hold' in rule) {
			own = rule.hold(value as never);
			continue;
		}
		const outcome = rule.outcome as RuleOutcome;
		const term = name as Restricting;
		(refusals[outcome] ??= []).push({term, refuses: rule.compile(value as never)});
	}
	const scopes = [own, roles?.scopes].filter((set) => set !== undefined);
	return {
		refusals,
		scopes: scopes.length === 0 ? undefined : scopes,
		roles,
		limits,
		bytes: bytesOf(text),
	};
}

function compileRoles(text: string): CompiledRoles {
	const roles = JSON.parse(text) as readonly (readonly [string, readonly string[]])[];
	const compiled: CompiledRoles = {
		names: roles.map(([name]) => name),
		scopes: joinScopes(roles.map(([, scopes]) => compileScopes(scopes))),
		bytes: bytesOf(text),
		rulesOf: createShared((terms) => compile(terms, compiled)),
	};
	return compiled;
}

/** @returns which version of the terms a server must understand to decide by these */
export function versionOf(stored: StoredTerms): number {
	const names = Object.keys(stored) as Restricting[];
	return Math.max(1, ...names.map((name) => rules[name].version));
}

/** @returns the same of what a request gives a key */
export function versionOfRequest(requested: RequestedTerms): number {
	const {not_before: start, roles} = requested;
	const ofStart = start === null || start === undefined ? 1 : versionsOfState.not_before;
	const ofRoles = (roles?.length ?? 0) === 0 ? 1 : versionsOfState.roles;
	return Math.max(ofStart, ofRoles, versionOf(storedTerms(requested)));
}

/** The terms of a request as they are stored: what restricts nothing is not there. */
export function storedTerms(requested: RequestedTerms): StoredTerms {
	return Object.fromEntries(
		Object.entries(requested).filter(
			([name, value]) => Object.hasOwn(rules, name) && value !== null && value !== undefined,
		),
	);
}

/** The one that was read last: a use is held against several lists, and callers come again. */
let lastRead: {origin: string; address: Address | undefined} | undefined;

function isIn(origin: string | undefined, networks: readonly Network[]): boolean {
	if (origin === undefined) return false;
	if (lastRead?.origin !== origin) lastRead = {origin, address: parseAddress(origin)};
	const {address} = lastRead;
	return address !== undefined && isWithin(address, networks);
}
