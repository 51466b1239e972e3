import type {FullKey} from '../../contract/keys.ts';
import {isWithin, parseAddress, parseNetwork} from '../../contract/network.ts';
import {isScope, wildcardsOver} from '../../contract/scopes.ts';
import {
	type Grammar,
	here,
	type ListFilter,
	type Part,
	readFilter,
	spanTest,
} from '../text/filter-grammar.ts';
import {isInState, keyStates} from './state.ts';

/** What a filter of keys takes, by examples. */
export const keyFilterTakes =
	'words, status:active expires:<7d used:>30d idle:90d created:<7d by:ana tag:eu scope:orders.read role:ops owner:web prefix:hklst_P8 ip:10.0.0.7, ! for not';

/**
 * Reads `status:active used:>30d !ingest`: words must all be in the name, the id or the hint;
 * `status:` is a state, `used:` and `created:` take `<7d` (within), `>30d` (longer ago), `expires:`
 * `<7d` (within the next) and `>30d`, and `used:` and `expires:` also `never`. `idle:90d` was used
 * by nobody for so long, `scope:` may be used for that, `ip:` from there; `role:`, `tag:` and
 * `owner:` are what it has, `prefix:` is how it begins, `by:` is who made it. `now` is ms.
 */
export function parseKeyFilter(source: string, now: number): ListFilter<FullKey> {
	return readFilter(source, now, grammar);
}

const grammar: Grammar<FullKey> = {
	hasWord: ({name, id, hint}, word) =>
		name.toLowerCase().includes(word) || id.includes(word) || isBeginning(hint, word),
	fields: {
		status: [
			`${keyStates.slice(0, -1).join(', ')} or ${keyStates.at(-1)}`,
			(value, now) => {
				const wanted = value.toLowerCase();
				const states = keyStates.filter((state) => wanted !== '' && state.startsWith(wanted));
				if (states.length === 0) return undefined;
				return here((key) => states.some((state) => isInState(key, state, now)));
			},
		],
		used: [
			'never, <7d or >30d',
			(value, now) =>
				isNever(value) ? here(({last_used_at}) => last_used_at === null) : used(value, now),
		],
		idle: ['90d', (value, now) => used(`>${value}`, now)],
		created: [
			'<7d or >30d',
			(value, now) => {
				const test = spanTest(value);
				return test && here(({created_at}) => test(now - Date.parse(created_at)));
			},
		],
		expires: [
			'never, <7d or >30d',
			(value, now) =>
				isNever(value) ? here(({expires_at}) => expires_at === null) : expires(value, now),
		],
		by: ['an email, a name, a part of either, an id, or none', isMadeBy],
		scope: ['orders.read or orders.*; none finds keys that have no scope', mayBeUsedFor],
		role: ['the name of a role, or none', hasRole],
		tag: ['a tag, or none', hasTag],
		owner: ['team/payments, payments or none', isOf],
		prefix: [
			'how a key begins: hklst_P8T34n',
			(value) => {
				const beginning = value.toLowerCase();
				if (beginning === '') return undefined;
				return here(({hint}) => hint.toLowerCase().startsWith(beginning));
			},
		],
		ip: ['an address: 10.0.0.7 finds the keys that may be used from there', mayBeUsedFrom],
	},
};

/** Whether a word is the beginning of a key: enough of it that it cannot be another word. */
function isBeginning(hint: string, word: string): boolean {
	return word.includes('_') && hint.toLowerCase().startsWith(word);
}

function isNever(value: string): boolean {
	return value !== '' && 'never'.startsWith(value.toLowerCase());
}

/**
 * A key that was never used has been unused since it was made: one that is younger than the time
 * asked for has had no chance yet. It was used within none.
 */
function used(value: string, now: number): Part<FullKey> | undefined {
	const test = spanTest(value);
	if (test === undefined) return undefined;
	const countsUnused = value.startsWith('>');
	return here(({last_used_at, created_at}) => {
		const since = last_used_at ?? (countsUnused ? created_at : undefined);
		return since !== undefined && test(now - Date.parse(since));
	});
}

/**
 * Keys whose own scopes cover one, those without restriction too. What a key may do by its roles is
 * not in the list: `role:` finds those.
 */
function mayBeUsedFor(value: string): Part<FullKey> | undefined {
	if (value === 'none') {
		return here(({scopes, roles}) => scopes?.length === 0 && roles.length === 0);
	}
	if (!isScope(value)) return undefined;
	// What is below a wildcard is covered by what covers all of it.
	const covering = new Set([value, ...wildcardsOver(value.replace(/\*$/, 'any'))]);
	return here(({scopes, roles}) => {
		if (scopes === null) return roles.length === 0;
		return scopes.some((scope) => covering.has(scope));
	});
}

/** The beginning of an id could be a name; whoever has left is still who made it. */
function isMadeBy(value: string): Part<FullKey> | undefined {
	if (value === 'none') return here(({creator}) => creator === null);
	const wanted = value.toLowerCase();
	if (wanted === '') return undefined;
	return here(
		({creator}) =>
			creator !== null && (creator.id === wanted || creator.name.toLowerCase().includes(wanted)),
	);
}

function hasRole(value: string): Part<FullKey> | undefined {
	if (value === 'none') return here(({roles}) => roles.length === 0);
	return value === '' ? undefined : here(({roles}) => roles.includes(value.toLowerCase()));
}

function hasTag(value: string): Part<FullKey> | undefined {
	if (value === 'none') return here(({tags}) => tags.length === 0);
	const wanted = value.toLowerCase();
	if (value === '') return undefined;
	return here(({tags}) => tags.some((tag) => tag.toLowerCase() === wanted));
}

function isOf(value: string): Part<FullKey> | undefined {
	if (value === 'none') return here(({owner}) => owner === null);
	const wanted = value.toLowerCase();
	if (value === '') return undefined;
	return here(({owner}) => {
		if (owner === null) return false;
		return [owner.id, `${owner.type}/${owner.id}`].some((each) => each.toLowerCase() === wanted);
	});
}

function mayBeUsedFrom(value: string): Part<FullKey> | undefined {
	const address = parseAddress(value);
	if (address === undefined) return undefined;
	const has = (networks: readonly string[]) =>
		networks.some((text) => {
			const network = parseNetwork(text);
			return !('fault' in network) && isWithin(address, [network]);
		});
	return here(({ip_allow, ip_deny}) => (ip_allow === null || has(ip_allow)) && !has(ip_deny ?? []));
}

/** What has ended, or never will, has no end to come. */
function expires(value: string, now: number): Part<FullKey> | undefined {
	const test = spanTest(value);
	return (
		test &&
		here(({expires_at}) => {
			const left = expires_at === null ? 0 : Date.parse(expires_at) - now;
			return left > 0 && test(left);
		})
	);
}
