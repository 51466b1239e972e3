import type {Key, UsageBucket} from '../../../contract/keys.ts';
import type {ConfirmScreen, KeyUse} from '../../app/model.ts';
import {confirmation, inUse} from '../../key-use.ts';
import {clean} from '../../text/clean.ts';
import {plural} from '../../text/plural.ts';
import {ago, moment} from '../../text/time.ts';
import {newConfirmScreen} from '../confirm/state.ts';

/** Says what revoking a key will break; a key in use asks for its name. */
export function newRevokeScreen(key: Key, organisation: string, now: number): ConfirmScreen {
	const word = inUse(key, now) ? confirmation(key) : undefined;
	return newConfirmScreen(
		{
			title: 'revoke',
			question: `Revoke ${clean(key.name)}?`,
			facts: factsOf(key, now),
			verb: 'Revoke',
			busyText: 'Revoking …',
			...(word === undefined ? {} : {word, ask: 'It is in use. To revoke it, type'}),
			...(word === undefined || word === key.name ? {} : {wordIs: 'the end of its id'}),
		},
		{do: 'revokeKey', organisation, key},
		now,
	);
}

function factsOf(key: Key, now: number, use?: KeyUse): Fact[] {
	const tone = inUse(key, now) ? 'warning' : 'plain';
	return [
		[`id ${key.id}`, 'dim'],
		['', 'plain'],
		[lastUse(key, now, use), tone],
		...(use === undefined ? [] : [[lately(use), tone] as const]),
		['Whoever calls with it gets 401 at once. A revoked key cannot be brought back.', 'plain'],
	];
}

function lastUse({last_used_at}: Key, now: number, use?: KeyUse): string {
	if (last_used_at === null) return 'It was never used.';
	const address = use?.detail.last_used_address ?? undefined;
	const from = address === undefined ? '' : `, from ${clean(address)}`;
	return `Last used ${ago(last_used_at, now)} (${moment(last_used_at)})${from}.`;
}

function lately({hours, days}: KeyUse): string {
	const sum = (buckets: readonly UsageBucket[]) =>
		buckets.reduce((before, {valid}) => before + valid, 0).toLocaleString('en');
	return `Accepted ${sum(hours)} times in 24 hours, ${sum(days)} times in 30 days.`;
}

/** The question about a key, once it is known from where and how often the key was used. */
export function withUse(screen: ConfirmScreen, use: KeyUse, now: number): ConfirmScreen {
	const {act} = screen;
	if (act.do !== 'revokeKey' || act.key.id !== use.detail.id) return screen;
	return {...screen, facts: factsOf(act.key, now, use)};
}

/** How many of the keys are named in the question. */
const named = 10;

/** Says what revoking several keys will break; the count is typed, so that it was read. */
export function newRevokeManyScreen(
	keys: readonly Key[],
	organisation: string,
	now: number,
): ConfirmScreen {
	const used = keys.filter((key) => inUse(key, now)).length;
	const count = plural(keys.length, ['key', 'keys']);
	const more = keys.length - named;
	return newConfirmScreen(
		{
			title: 'revoke',
			question: `Revoke ${count}?`,
			facts: [
				...keys.slice(0, named).map((key): Fact => {
					const when = key.last_used_at === null ? 'never used' : ago(key.last_used_at, now);
					return [`${clean(key.name)}, ${when}`, inUse(key, now) ? 'warning' : 'dim'];
				}),
				...(more > 0 ? [[`and ${more.toLocaleString('en')} more`, 'dim'] as const] : []),
				['', 'plain'],
				[
					`${used.toLocaleString('en')} of them used in the last 30 days.`,
					used > 0 ? 'warning' : 'plain',
				],
				['Whoever calls with them gets 401 at once. They cannot be brought back.', 'plain'],
			],
			verb: 'Revoke',
			busyText: 'Revoking …',
			word: `revoke ${keys.length}`,
		},
		{do: 'revokeKeys', organisation, keys},
		now,
	);
}

type Fact = ConfirmScreen['facts'][number];
