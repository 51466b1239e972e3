import {plural} from '../text/plural.ts';
import {clock} from '../text/time.ts';

const servers = ['server', 'servers'] as const;

/** Where a change is in force: of how many servers some did not confirm, and may go by the old terms until when. */
type InForce = {
	readonly count: number;
	readonly ms: number;
	readonly unconfirmed: number;
	/** Undefined: that is not told, or all have confirmed. */
	readonly until: number | undefined;
};

/**
 * What the header `Latchkey-Revocation` says, in words: on how many servers a change is in force,
 * and until when one that did not confirm may still go by the old terms. Nothing where it says
 * something that this console does not know.
 */
export function revocationText(header: string): string | undefined {
	const read = readHeader(header);
	return read && told(read, `, ${read.ms.toLocaleString('en')} ms`, 'it');
}

/**
 * The same of several changes: what holds for all of them. Nothing where one of them does not tell.
 *
 * @param headers of each change; undefined: its answer had none
 */
export function revocationsText(headers: readonly (string | undefined)[]): string | undefined {
	const read = headers.map((header) => (header === undefined ? undefined : readHeader(header)));
	const all = read.filter((each) => each !== undefined);
	if (all.length === 0 || all.length < read.length) return undefined;
	const worst = all.reduce((one, other) => ({
		count: Math.max(one.count, other.count),
		ms: Math.max(one.ms, other.ms),
		unconfirmed: Math.max(one.unconfirmed, other.unconfirmed),
		until: Math.max(one.until ?? 0, other.until ?? 0) || undefined,
	}));
	return told(worst, '', 'some');
}

function readHeader(header: string): InForce | undefined {
	const count = Number(/\bverifiers=(\d+)/.exec(header)?.[1]);
	const ms = Number(/\bms=(\d+)/.exec(header)?.[1]);
	if (!Number.isFinite(count) || !Number.isFinite(ms)) return undefined;
	const unconfirmed = header.match(/\bunconfirmed="/g)?.length ?? 0;
	const times = [...header.matchAll(/\buntil="([^"]+)"/g)].map(([, until]) =>
		Date.parse(until ?? ''),
	);
	const last = Math.max(...times);
	return {count, ms, unconfirmed, until: Number.isFinite(last) ? last : undefined};
}

function told({count, unconfirmed, until}: InForce, took: string, what: 'it' | 'some'): string {
	if (unconfirmed === 0) return `everywhere (${plural(count, servers)}${took})`;
	const confirmed = Math.max(0, count - unconfirmed);
	const inForce = `on ${confirmed} of ${plural(count, servers)}${took === '' ? '' : ` (${took.slice(2)})`}`;
	const when = until === undefined ? '' : ` until ${clock(until)}`;
	return `${inForce}; ${plural(unconfirmed, servers)} did not confirm and may accept ${what}${when}`;
}
