import {type AuditEntry} from '../../../../contract/audit-trail.ts';
import {auditActions} from '../../../../contract/audit.ts';
import {factsOf} from '../../../components/facts.ts';
import type {Part} from '../../../components/line.tsx';
import {clean} from '../../../text/clean.ts';
import {ago} from '../../../text/time.ts';
import {wrap} from '../../../text/width.ts';

/** `2026-03-12 14:02:11.123456 UTC`: as exact as it was recorded. */
function exactly(recordedAt: string): string {
	return `${recordedAt.slice(0, 10)} ${recordedAt.slice(11, 26)} UTC`;
}

/** `14:02:11.1` on the day of `now`, else `03-12 14:02`; UTC. */
export function shortTime(recordedAt: string, now: number): string {
	const isToday = recordedAt.slice(0, 10) === new Date(now).toISOString().slice(0, 10);
	return isToday
		? recordedAt.slice(11, 21)
		: `${recordedAt.slice(5, 10)} ${recordedAt.slice(11, 16)}`;
}

/** The actor or target by the name it had then, else by its id or type. */
export function nameOf({type, name, id}: AuditEntry['actor']): string {
	const known = [name, id].find((value) => typeof value === 'string' && value !== '');
	return clean(typeof known === 'string' ? known : type);
}

/** The same in a few letters: of an email what stands before the `@`. */
export function briefName(actor: AuditEntry['actor']): string {
	const [before = ''] = nameOf(actor).split('@');
	return before;
}

/** The result as the table and the facts say it. */
export function resultOf(outcome: string): Part {
	return outcome === 'success' ? ['ok', 'dim'] : [`x ${clean(outcome)}`, 'bad'];
}

/** Every member of an entry, as lines no wider than `columns`. */
export function entryFacts(entry: AuditEntry, now: number, columns: number): Part[][] {
	const {lines, add} = factsOf(columns);
	add('Entry', String(entry.sequence), 'strong');
	add('Time', `${exactly(entry.recorded_at)}, ${ago(entry.recorded_at, now)}`);
	add('Action', clean(entry.action), 'strong');
	const meaning = (auditActions as Readonly<Record<string, string>>)[entry.action];
	if (meaning !== undefined) add('', meaning, 'dim');
	add('Result', ...resultOf(entry.outcome));
	addMembers(add, 'Actor', entry.actor);
	addMembers(add, 'Target', entry.target);
	add('From', clean(entry.address ?? '-'));
	add('Request', clean(entry.request_id ?? '-'));
	if (entry.details !== null) addMembers(add, 'Details', entry.details);
	add('Hash', clean(entry.hash), 'dim');
	return lines;
}

/** The members of a part, one a line. */
function addMembers(
	add: (label: string, text: string) => void,
	label: string,
	members: Readonly<Record<string, unknown>>,
): void {
	for (const [index, [name, value]] of Object.entries(members).entries()) {
		const text = typeof value === 'string' ? value : JSON.stringify(value);
		add(index === 0 ? label : '', clean(`${name} ${text}`));
	}
}

/** An entry as it came, indented; no line wider than `columns`. */
export function entryJson(entry: AuditEntry, columns: number): string[] {
	return JSON.stringify(entry, undefined, 2)
		.split('\n')
		.flatMap((line) => wrap(clean(line), columns));
}
