import type {DisabledReason, Endpoint} from '../../../../contract/webhooks.ts';
import type {Part} from '../../../components/line.tsx';
import {clean} from '../../../text/clean.ts';
import {until} from '../../../text/time.ts';

const reasons: Record<DisabledReason, readonly [word: string, sentence: string]> = {
	request: ['disabled', 'Somebody disabled it.'],
	gone: ['gone (410)', 'The receiver answered 410: it wants nothing more.'],
	receiver: ['stopped', 'The receiver asked for it with the header webhook-delivery: disable.'],
	failing: ['gave up', 'It failed for five days.'],
};

/** How an endpoint stands, in a word or two with a sign. */
export function stateOf(endpoint: Endpoint, now: number): Part {
	if (endpoint.status === 'disabled') return [`x ${reasonOf(endpoint)[0]}`, 'bad'];
	if (isPaused(endpoint, now)) return [`~ paused ${untilPaused(endpoint, now)}`, 'warning'];
	if (endpoint.consecutive_failures > 0) return ['! failing', 'warning'];
	return [clean(endpoint.status), 'dim'];
}

/** Why it is disabled, as a sentence. */
export function whyDisabled(endpoint: Endpoint): string {
	return reasonOf(endpoint)[1];
}

export function isPaused({status, paused_until: at}: Endpoint, now: number): boolean {
	return status !== 'disabled' && at !== null && Date.parse(at) > now;
}

function untilPaused({paused_until: at}: Endpoint, now: number): string {
	return at === null ? '' : until(at, now).replace('in ', '');
}

/** A newer server may have reasons that this console does not know. */
function reasonOf({disabled_reason: reason}: Endpoint): readonly [string, string] {
	const known: Readonly<Record<string, readonly [string, string]>> = reasons;
	return known[reason ?? 'request'] ?? [clean(reason ?? 'disabled'), clean(reason ?? '')];
}

/** When the last secret that was replaced stops signing; undefined: none signs any more. */
export function rotationEnds({secrets}: Endpoint, now: number): string | undefined {
	const ends = secrets.flatMap(({expires_at: at}) =>
		at !== null && Date.parse(at) > now ? [at] : [],
	);
	return ends.toSorted().at(-1);
}
