import * as z from 'zod';
import {described} from './described.ts';
import {createRecent} from './recent.ts';
import {isScopeName, wildcardsOver} from './scopes.ts';

/*
What a use of a key needs, as a service asks for it:

	expr = term *( "OR" term )    term = factor *( "AND" factor )    factor = scope / "(" expr ")"

The words are in capitals, with blanks between them and the scopes.
*/

/** A scope that is asked for, with everything that covers it beside itself. */
export type AskedScope = {name: string; wildcards: readonly string[]};

/** A scope, or parts of which every one, or one at least, must be there. */
export type ScopeNeed = AskedScope | {every: readonly ScopeNeed[]} | {some: readonly ScopeNeed[]};

export type ScopeQuery = {
	/** Undefined: nobody could say what the use needs, so nothing is enough. */
	need: ScopeNeed | undefined;
	/** The scopes that it names, in its order, each once. */
	scopes: readonly AskedScope[];
};

/** Why a text is not a query: a sentence without its subject. */
type Fault = {fault: string};

const mostCharacters = 1000;
const mostScopes = 50;
const mostDepth = 16;
const mostRemembered = 1000;

const noWildcards = 'must name scopes, without *';
const tooMany = `must name at most ${mostScopes} scopes`;

/** What is needed where nobody said what the use is: no key has enough. */
export const unsaid: ScopeQuery = {need: undefined, scopes: []};

export function askedScope(name: string): AskedScope {
	return {name, wildcards: wildcardsOver(name)};
}

/** All of some queries at once; undefined where there are none. */
export function allOf(queries: readonly ScopeQuery[]): ScopeQuery | undefined {
	const [first] = queries;
	if (queries.length < 2) return first;
	return queryOf({every: queries.flatMap(({need}) => (need === undefined ? [] : [need]))});
}

function queryOf(need: ScopeNeed): ScopeQuery {
	const byName = new Map(namedIn(need).map((scope) => [scope.name, scope]));
	return {need, scopes: [...byName.values()]};
}

function namedIn(need: ScopeNeed): AskedScope[] {
	if ('name' in need) return [need];
	return ('every' in need ? need.every : need.some).flatMap(namedIn);
}

/** The query that asks for one scope. */
export function queryFor(name: string): ScopeQuery {
	return queryOf(askedScope(name));
}

class NotAQuery extends Error {}

/** Reads a query from left to right; a fault names the column at which it cannot go on, from 1. */
class Reader {
	readonly #text: string;
	#at = 0;
	#count = 0;

	constructor(text: string) {
		this.#text = text;
	}

	read(): ScopeNeed {
		const need = this.#readSome(0);
		if (this.#at < this.#text.length) this.#fail('AND, OR or the end');
		return need;
	}

	#readSome(depth: number): ScopeNeed {
		const first = this.#readEvery(depth);
		const some = [first];
		while (this.#take('OR')) some.push(this.#readEvery(depth));
		return some.length === 1 ? first : {some};
	}

	#readEvery(depth: number): ScopeNeed {
		const first = this.#readFactor(depth);
		const every = [first];
		while (this.#take('AND')) every.push(this.#readFactor(depth));
		return every.length === 1 ? first : {every};
	}

	#readFactor(depth: number): ScopeNeed {
		if (this.#take('(')) {
			if (depth === mostDepth) throw new NotAQuery(`must be at most ${mostDepth} parentheses deep`);
			const inner = this.#readSome(depth + 1);
			if (!this.#take(')')) this.#fail('AND, OR or )');
			return inner;
		}
		const name = this.#next();
		if (name === 'AND' || name === 'OR' || !isScopeName(name)) this.#fail('a scope or (');
		this.#at += name.length;
		if (++this.#count > mostScopes) throw new NotAQuery(tooMany);
		return askedScope(name);
	}

	#take(word: string): boolean {
		if (this.#next() !== word) return false;
		this.#at += word.length;
		return true;
	}

	/** The next word or sign, which is not taken yet; '' where there is none. */
	#next(): string {
		while (this.#text[this.#at] === ' ') this.#at++;
		const word = /[()]|[\w.:/-]+/y;
		word.lastIndex = this.#at;
		return word.exec(this.#text)?.[0] ?? '';
	}

	#fail(expected: string): never {
		throw new NotAQuery(`must have ${expected} at column ${this.#at + 1}`);
	}
}

const recent = createRecent(mostRemembered, (text) => queryOf(new Reader(text).read()));

/** How deep a text is in parentheses. */
export function parenthesesIn(text: string): number {
	let depth = 0;
	let deepest = 0;
	for (const character of text) {
		if (character === '(') deepest = Math.max(deepest, ++depth);
		if (character === ')') depth--;
	}
	return deepest;
}

/** Each distinct text is read once. */
export function readScopeQuery(text: string): ScopeQuery | Fault {
	if (text.length > mostCharacters) return {fault: `must be at most ${mostCharacters} characters`};
	if (text.includes('*')) return {fault: noWildcards};
	try {
		return recent(text);
	} catch (error) {
		if (error instanceof NotAQuery) return {fault: error.message};
		throw error;
	}
}

/**
 * A query as text, or as a list of scopes that are all needed.
 *
 * @returns undefined for what is neither
 */
export function readScopes(given: unknown): ScopeQuery | Fault | undefined {
	if (typeof given === 'string') return readScopeQuery(given);
	return isListOfTexts(given) ? readScopeNames(given) : undefined;
}

function isListOfTexts(given: unknown): given is string[] {
	return Array.isArray(given) && given.every((item) => typeof item === 'string');
}

/** Of lists as long as a query may be, each distinct one is read once. */
function readScopeNames(names: readonly string[]): ScopeQuery | Fault {
	const text = JSON.stringify(names);
	return text.length > mostCharacters ? scopeNamesIn(names) : recentNames(text);
}

const recentNames = createRecent(mostRemembered, (text) => scopeNamesIn(JSON.parse(text)));

function scopeNamesIn(names: readonly string[]): ScopeQuery | Fault {
	if (names.length === 0) return {fault: 'must name a scope'};
	if (names.length > mostScopes) return {fault: tooMany};
	if (names.some((name) => name.includes('*'))) return {fault: noWildcards};
	const wrong = names.findIndex((name) => !isScopeName(name));
	if (wrong >= 0)
		return {fault: `must name scopes such as orders.read: number ${wrong + 1} is not`};
	return queryOf({every: names.map(askedScope)});
}

const queryForm = {
	description:
		'Scopes with `AND`, `OR` and parentheses, such as `orders.read AND (eu OR us)`; `AND` binds tighter',
	maxLength: mostCharacters,
	examples: ['orders.read AND (eu OR us)'],
};

/** A query as text. */
export function scopeQueryText(field: string) {
	return z
		.string({error: `${field} must be given once`})
		.register(described, queryForm)
		.transform((text, context) => orIssue(field, readScopeQuery(text), context));
}

/** A query as text, or as a list of scopes that are all needed. */
export function scopeQuery(field: string) {
	const error = `${field} must be a text such as orders.read AND eu, or a list of scopes`;
	return z
		.union([z.string().register(described, queryForm), z.array(z.string())], {error})
		.register(described, {examples: queryForm.examples})
		.transform((given, context) =>
			orIssue(
				field,
				typeof given === 'string' ? readScopeQuery(given) : readScopeNames(given),
				context,
			),
		);
}

/** A query as text, or as OAuth writes a list of scopes that are all needed (RFC 6749, 3.3): `orders.read eu`. */
export function scopeParameter(field: string) {
	const form = {
		description: 'Scopes with blanks between them, all of which are needed; or a query',
		maxLength: mostCharacters,
		examples: ['orders.read eu'],
	};
	const written = z.string().register(described, form);
	return written.transform((text, context) => {
		const words = text.split(' ').filter((word) => word !== '');
		const isList = words.length > 1 && !words.some((word) => /^(?:AND|OR)$|[()]/.test(word));
		const fits = text.length <= mostCharacters;
		return orIssue(field, isList && fits ? readScopeNames(words) : readScopeQuery(text), context);
	});
}

function orIssue(field: string, read: ScopeQuery | Fault, context: z.RefinementCtx): ScopeQuery {
	if (!('fault' in read)) return read;
	context.addIssue({code: 'custom', message: `${field} ${read.fault}`});
	return z.NEVER;
}
