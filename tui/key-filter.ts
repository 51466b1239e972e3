import type {Key} from '../contract/keys.ts';
import {duration} from './text/time.ts';

type KeyFilter = (key: Key, now: number) => boolean;

export type ParsedFilter = {
	/** What could be read; the rest is left out, so that rows do not vanish while a word is typed. */
	test: KeyFilter;
	/** The first word that could not be read, and what it takes. */
	problem?: string;
};

/**
 * Reads `status:active used:>30d ingest`: words must all be in the name or the id, `status:` is
 * active or revoked, `used:` and `created:` take `<7d` (within), `>30d` (longer ago), and `used:`
 * also `never`.
 */
export function parseKeyFilter(source: string): ParsedFilter {
	const tests: KeyFilter[] = [];
	let problem: string | undefined;
	for (const word of source.trim().split(/\s+/u)) {
		if (word === '') continue;
		const [, field, value] = /^(status|used|created):(.*)$/.exec(word) ?? [];
		const test =
			field === undefined || value === undefined
				? words(word)
				: fields[field]?.(value.toLowerCase());
		if (test === undefined) problem ??= `${field}: takes ${takes[field ?? '']}`;
		else tests.push(test);
	}
	return {
		test: (key, now) => tests.every((test) => test(key, now)),
		...(problem === undefined ? {} : {problem}),
	};
}

const takes: Record<string, string> = {
	status: 'active or revoked',
	used: 'never, <7d or >30d',
	created: '<7d or >30d',
};

const fields: Record<string, (value: string) => KeyFilter | undefined> = {
	status(value) {
		if (value !== '' && 'active'.startsWith(value)) return (key) => key.revoked_at === null;
		if (value !== '' && 'revoked'.startsWith(value)) return (key) => key.revoked_at !== null;
		return undefined;
	},
	used(value) {
		if (value !== '' && 'never'.startsWith(value)) return (key) => key.last_used_at === null;
		return age(value, (key) => key.last_used_at);
	},
	created: (value) => age(value, (key) => key.created_at),
};

function words(word: string): KeyFilter {
	const wanted = word.toLowerCase();
	return ({name, id}) => name.toLowerCase().includes(wanted) || id.includes(wanted);
}

/** A key never used is older than any time, and used within none. */
function age(value: string, instant: (key: Key) => string | null): KeyFilter | undefined {
	const span = duration(value.slice(1));
	if (span === undefined) return undefined;
	const elapsed = (key: Key, now: number) => {
		const at = instant(key);
		return at === null ? Number.POSITIVE_INFINITY : now - Date.parse(at);
	};
	if (value.startsWith('<')) return (key, now) => elapsed(key, now) < span;
	if (value.startsWith('>')) return (key, now) => elapsed(key, now) > span;
	return undefined;
}
