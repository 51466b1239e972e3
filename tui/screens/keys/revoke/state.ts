import type {FullKey, Key, FullUsageBucket} from '../../../../contract/keys.ts';
import type {ConfirmScreen} from '../../kinds/confirm/screen.ts';
import {
	type Answer,
	changeOf,
	type Event,
	type KeyUse,
	type ListOfKeys,
} from '../../../app/effect.ts';
import {reasonMeanings} from '../../../api-keys/reasons.ts';
import {keyChanges} from '../../../api-keys/change-each.ts';
import {inUse} from '../../../api-keys/in-use.ts';
import {confirmation} from '../../../text/confirmation.ts';
import {clean} from '../../../text/clean.ts';
import {plural} from '../../../text/plural.ts';
import {ago, moment} from '../../../text/time.ts';
import {newConfirmScreen} from '../../kinds/confirm/state.ts';
import {newWhy} from '../../kinds/confirm/why.ts';

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
			why: newWhy(reasonMeanings),
		},
		changeOf(
			'revokeKey',
			{org_id: organisation, key_id: key.id},
			{
				done: `Revoked ${clean(key.name)}: it is refused`,
				tellsWhere: true,
				reload: 'keys',
				revoked: key.id,
				missing: 'This key was revoked already, or is gone',
				unknown: 'Whether the key is revoked is not known: the list will tell.',
			},
		),
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
		[
			'Whoever calls with it gets 401 at once. A revoked key cannot be brought back; one that is suspended can (esc, then d).',
			'plain',
		],
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

/** Takes up in a question how the key was used, or how many of several keys are revoked. */
export function hearOfRevoking(
	screen: ConfirmScreen,
	event: Answer | Extract<Event, {type: 'failed'}>,
	now: number,
): ConfirmScreen {
	if (event.type === 'keyRead') return withUse(screen, event.use, now);
	const {act} = screen;
	if (event.type !== 'keysChanging') return screen;
	if (act.do !== 'changeKeys' && act.do !== 'changeRows') return screen;
	const all = act.do === 'changeKeys' ? act.keys : act.rows;
	const [done, of] = [event.done, all.length].map((count) => count.toLocaleString('en'));
	const {doing} = act.do === 'changeKeys' ? keyChanges[act.what] : act.words;
	return {...screen, busyText: `${doing} … ${done} of ${of}`};
}

function withUse(screen: ConfirmScreen, use: KeyUse, now: number): ConfirmScreen {
	const {act} = screen;
	if (act.do !== 'change' || act.change.revoked !== use.detail.id) return screen;
	return {...screen, facts: factsOf(use.detail, now, use)};
}

/** How many of the keys are named in the question. */
const named = 10;

/** Several keys, and what an action on them will break. */
export function severalFacts(keys: readonly FullKey[], now: number): Fact[] {
	const used = keys.filter((key) => inUse(key, now)).length;
	const more = keys.length - named;
	return [
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
	];
}

/** Says what revoking several keys will break; the count is typed, so that it was read. */
export function newRevokeManyScreen(
	keys: readonly (FullKey & {readonly org_id: string})[],
	reload: ListOfKeys,
	now: number,
): ConfirmScreen {
	const stay = keys.filter(({delete_protected}) => delete_protected).length;
	return newConfirmScreen(
		{
			title: 'revoke',
			question: `Revoke ${plural(keys.length, ['key', 'keys'])}?`,
			facts: [
				...severalFacts(keys, now),
				...(stay > 0
					? [[`${stay.toLocaleString('en')} of them are protected, and stay.`, 'warning'] as const]
					: []),
				['Whoever calls with them gets 401 at once. They cannot be brought back.', 'plain'],
			],
			verb: 'Revoke',
			busyText: 'Revoking …',
			word: `revoke ${keys.length}`,
			why: newWhy(reasonMeanings),
		},
		{do: 'changeKeys', what: 'revoke', keys, reload},
		now,
	);
}

type Fact = ConfirmScreen['facts'][number];
