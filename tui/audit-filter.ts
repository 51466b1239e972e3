import type {AuditEntry} from '../contract/audit-trail.ts';
import {auditActions} from '../contract/audit.ts';
import {hasWords, type ListFilter, readWords, takesTime, timeOf} from './screens/list/filter.ts';

type Part = ListFilter<AuditEntry>;

/**
 * Reads `actor:ana action:key outcome:refused since:1h prod`. The server narrows by kinds, outcome,
 * time and ids; names and words are looked for in what has been read.
 */
export function parseAuditFilter(source: string, now: number): Part {
	return readWords(source, (word) => read(word, now));
}

function read(word: string, now: number): Part {
	const [, field, value = ''] = /^([a-z]+):(.*)$/.exec(word) ?? [];
	if (field === undefined) return {query: {}, test: (entry) => hasWords(word)(readable(entry))};
	const part = fields[field]?.(value, now);
	if (part !== undefined) return part;
	const known = takes[field];
	return {
		problem: known === undefined ? `${word}: no such filter` : `${word}: takes ${known}`,
	};
}

/** Words are not looked for in the hash, where any short one of hexadecimal digits would be found. */
function readable(entry: AuditEntry): object {
	const {hash: _, ...rest} = entry;
	return rest;
}

const takes: Record<string, string> = {
	actor: 'a name or an id',
	target: 'a name or an id',
	action: 'a kind or part of one, as key.revoked',
	outcome: 'ok or refused',
	since: takesTime,
	until: takesTime,
};

const fields: Record<string, (value: string, now: number) => Part | undefined> = {
	actor: (value) => somebody('actor', value),
	target: (value) => somebody('target', value),
	action(value) {
		const kinds = Object.keys(auditActions);
		const named = kinds.includes(value) ? [value] : kinds.filter((kind) => kind.includes(value));
		if (value === '' || named.length === 0) return undefined;
		return {query: {action: named.join(',')}, test: ({action}) => named.includes(action)};
	},
	outcome(value) {
		const wanted = ['success', 'refused'].find(
			(outcome) => value !== '' && outcome.startsWith(value),
		);
		const outcome = value === 'ok' ? 'success' : wanted;
		if (outcome === undefined) return undefined;
		return {query: {outcome}, test: (entry) => entry.outcome === outcome};
	},
	since(value, now) {
		const time = timeOf(value, now);
		if (time === undefined) return undefined;
		const since = new Date(time).toISOString();
		return {query: {since}, test: ({recorded_at}) => Date.parse(recorded_at) >= time};
	},
	until(value, now) {
		const time = timeOf(value, now);
		if (time === undefined) return undefined;
		const until = new Date(time).toISOString();
		return {query: {until}, test: ({recorded_at}) => Date.parse(recorded_at) < time};
	},
};

/** An id is the server's to find; a name, or a part of one, is looked for here. */
function somebody(field: 'actor' | 'target', value: string): Part | undefined {
	if (value === '') return undefined;
	const isId = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value);
	const id = value.toLowerCase();
	if (isId) return {query: {[field]: id}, test: (entry) => entry[field]['id'] === id};
	return {query: {}, test: (entry) => hasWords(value)(entry[field])};
}
