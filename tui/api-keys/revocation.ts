import {plural} from '../text/plural.ts';
import {clock} from '../text/time.ts';

const servers = ['server', 'servers'] as const;

/**
 * What the header `Latchkey-Revocation` says, in words: on how many servers a change is in force,
 * and until when one that did not confirm may still go by the old terms. Nothing where it says
 * something that this console does not know.
 */
export function revocationText(header: string): string | undefined {
	const count = Number(/\bverifiers=(\d+)/.exec(header)?.[1]);
	const ms = Number(/\bms=(\d+)/.exec(header)?.[1]);
	if (!Number.isFinite(count) || !Number.isFinite(ms)) return undefined;
	const unconfirmed = header.match(/\bunconfirmed="/g)?.length ?? 0;
	const took = `${ms.toLocaleString('en')} ms`;
	if (unconfirmed === 0) return `everywhere (${plural(count, servers)}, ${took})`;
	const confirmed = Math.max(0, count - unconfirmed);
	const inForce = `on ${confirmed} of ${plural(count, servers)} (${took})`;
	const times = [...header.matchAll(/\buntil="([^"]+)"/g)].map(([, until]) =>
		Date.parse(until ?? ''),
	);
	const last = Math.max(...times);
	const until = Number.isFinite(last) ? ` until ${clock(last)}` : '';
	return `${inForce}; ${plural(unconfirmed, servers)} did not confirm and may accept it${until}`;
}
