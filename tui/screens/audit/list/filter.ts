import type {AuditEntry} from '../../../../contract/audit-trail.ts';
import {auditActions} from '../../../../contract/audit.ts';
import {
	type Grammar,
	hasText,
	here,
	type ListFilter,
	type Part,
	period,
	readFilter,
} from '../../../text/filter-grammar.ts';

/**
 * Reads `actor:ana action:key outcome:refused since:1h prod`. The server narrows by kinds, outcome,
 * time and ids; names and words are looked for in what has been read.
 */
export function parseAuditFilter(source: string, now: number): ListFilter<AuditEntry> {
	return readFilter(source, now, grammar);
}

const grammar: Grammar<AuditEntry> = {
	/** Not in the hash, where any short word of hexadecimal digits would be found. */
	hasWord: (entry, word) => hasText({...entry, hash: undefined}, word),
	fields: {
		actor: ['a name or an id', (value) => somebody('actor', value)],
		target: ['a name or an id', (value) => somebody('target', value)],
		action: ['a kind or part of one, such as key.revoked', (value) => kinds(value.toLowerCase())],
		outcome: ['ok or refused', (value) => outcomes(value.toLowerCase())],
		...period<AuditEntry>(({recorded_at}) => recorded_at),
	},
};

function kinds(value: string): Part<AuditEntry> | undefined {
	const all = Object.keys(auditActions);
	const named = all.includes(value) ? [value] : all.filter((kind) => kind.includes(value));
	if (value === '' || named.length === 0) return undefined;
	return {query: {action: named.join(',')}, test: ({action}) => named.includes(action)};
}

function outcomes(value: string): Part<AuditEntry> | undefined {
	const begun = ['success', 'refused'].find((name) => value !== '' && name.startsWith(value));
	const outcome = value === 'ok' ? 'success' : begun;
	if (outcome === undefined) return undefined;
	return {query: {outcome}, test: (entry) => entry.outcome === outcome};
}

/** An id is the server's to find; a name, or a part of one, is looked for here. */
function somebody(field: 'actor' | 'target', value: string): Part<AuditEntry> | undefined {
	if (value === '') return undefined;
	const isId = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value);
	const wanted = value.toLowerCase();
	if (isId) return {query: {[field]: wanted}, test: (entry) => entry[field]['id'] === wanted};
	return here((entry) => hasText(entry[field], wanted));
}
