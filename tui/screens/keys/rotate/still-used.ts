import type {KeyClient} from '../../../../contract/usage.ts';
import type {Part} from '../../../components/line.tsx';
import {clean} from '../../../text/clean.ts';
import {ago} from '../../../text/time.ts';
import {fit} from '../../../text/width.ts';
import type {KeyScreen} from '../key/screen.ts';
import type {Pair} from './rotation.ts';

const most = 4;
const labelWidth = 12;
const addressWidth = 26;
const agoWidth = 12;

/** Who has used the old key of a rotation since there is a new one: they have not moved yet. */
export function stillUsedLines(
	{old, next}: Pair,
	oldClients: KeyScreen['oldClients'],
	now: number,
): Part[][] {
	if (old === undefined || next === undefined || oldClients?.id !== old.id) return [];
	const since = oldClients.clients.filter(
		({last_seen_at: at, count, refused}) => at >= next.created_at && count > refused,
	);
	if (since.length === 0) {
		return [[[''.padEnd(labelWidth)], ['nobody has used the old key since', 'dim']]];
	}
	const rest = since.length - most;
	return [
		...since.slice(0, most).map((client, at) => row(client, at === 0, now)),
		...(rest > 0
			? [[[''.padEnd(labelWidth)], [`and ${rest} more: U shows them`, 'dim']] satisfies Part[]]
			: []),
	];
}

function row(
	{address, user_agent, last_seen_at}: KeyClient,
	isFirst: boolean,
	now: number,
): Part[] {
	return [
		[(isFirst ? 'Not moved' : '').padEnd(labelWidth), 'dim'],
		[fit(clean(address ?? 'address not told'), addressWidth)],
		[fit(ago(last_seen_at, now), agoWidth), 'warning'],
		[clean(user_agent ?? ''), 'dim'],
	];
}
