import type {AuditEntry} from '../../contract/audit-trail.ts';
import type {Entry} from './chain.ts';

/** An entry as it is listed: every member, null where the entry has none. */
export function presentEntry(entry: Entry): AuditEntry {
	const content = JSON.parse(entry.content) as Partial<AuditEntry>;
	return {
		sequence: entry.sequence,
		recorded_at: toMicroTimestamp(entry.recordedAt),
		action: content.action ?? '',
		outcome: content.outcome ?? '',
		actor: content.actor ?? {type: ''},
		target: content.target ?? {type: ''},
		address: content.address ?? null,
		request_id: content.request_id ?? null,
		details: content.details ?? null,
		hash: entry.hash.toString('hex'),
	};
}

/** @param time microseconds since 1970 */
export function toMicroTimestamp(time: number): string {
	const micros = time % 1000;
	const iso = new Date((time - micros) / 1000).toISOString();
	return `${iso.slice(0, -1)}${String(micros).padStart(3, '0')}Z`;
}

/** @returns microseconds since 1970; undefined for what `toMicroTimestamp` did not write */
export function parseMicroTimestamp(text: string): number | undefined {
	const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})(\d{3})Z$/.exec(text);
	if (match === null) return undefined;
	const milliseconds = Date.parse(`${match[1]}Z`);
	return Number.isNaN(milliseconds) ? undefined : milliseconds * 1000 + Number(match[2]);
}
