import type {FullUsageBucket, Key} from '../../../../contract/keys.ts';
import {inUse} from '../../../api-keys/in-use.ts';
import type {KeyUse} from '../../../app/effect.ts';
import {clean} from '../../../text/clean.ts';
import {ago, moment} from '../../../text/time.ts';
import type {Question} from '../../kinds/confirm/screen.ts';

/** Which key a question is about and how it is used; how often, once that is read. */
export function factsOfUse(key: Key, now: number, use?: KeyUse): Question['facts'] {
	const tone = inUse(key, now) ? 'warning' : 'plain';
	return [
		[`id ${key.id}`, 'dim'],
		['', 'plain'],
		[lastUse(key, now, use), tone],
		...(use === undefined ? [] : [[lately(use), tone] as const]),
	];
}

function lastUse({last_used_at}: Key, now: number, use?: KeyUse): string {
	if (last_used_at === null) return 'It was never used.';
	const address = use?.detail.last_used_address ?? undefined;
	const from = address === undefined ? '' : `, from ${clean(address)}`;
	return `Last used ${ago(last_used_at, now)} (${moment(last_used_at)})${from}.`;
}

function lately({hours, days}: KeyUse): string {
	const sum = (buckets: readonly FullUsageBucket[]) =>
		buckets.reduce((before, {valid}) => before + valid, 0).toLocaleString('en');
	return `Accepted ${sum(hours)} times in 24 hours, ${sum(days)} times in 30 days.`;
}
