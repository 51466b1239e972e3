import type {ChangeQuota} from '../../../../contract/key-limits.ts';
import type {FullKey} from '../../../../contract/keys.ts';
import {maxQuota} from '../../../../contract/rate-limits.ts';
import {changeOf} from '../../../app/effect.ts';
import {formOf} from '../../../components/form/state.ts';
import {clean} from '../../../text/clean.ts';
import {readCount, writeCount} from '../../../text/count.ts';
import {percent} from '../../../text/gauge.ts';
import {minute, until} from '../../../text/time.ts';
import type {Reading} from '../../../text/typed.ts';
import type {FormScreen} from '../../kinds/form/screen.ts';
import type {FormSpec} from '../../kinds/form/spec.ts';

type QuotaState = NonNullable<FormScreen['quota']>;

/** What was used of the quota of a key, to be changed; `quota` is as it was read last. */
export function newQuotaScreen({id}: FullKey, quota: QuotaState): FormScreen {
	const form = formOf([{name: 'used', label: 'Used'}]);
	return {type: 'form', name: 'changeQuota', id, quota, form};
}

export const changeQuotaForm: FormSpec = {
	title: 'quota',
	heading: ({keys}, {id}) =>
		`What ${clean(keys.items.find((key) => key.id === id)?.name ?? 'the key')} has used of its quota`,
	advice:
		'For the current period; the quota itself is changed with the key. In force on every server once this is confirmed.',
	busyText: 'Changing what was used …',
	validate(texts, _now, {quota}) {
		const reading = readChange(texts['used'] ?? '', quota);
		return 'problem' in reading ? {used: reading.problem} : {};
	},
	notes(texts, now, {quota}) {
		const reading = readChange(texts['used'] ?? '', quota);
		if ('means' in reading) return {used: reading.means};
		return {used: `${takes}. ${standing(quota, now)}`};
	},
	act(texts, {organisation, keys}, {id, quota}) {
		const reading = readChange(texts['used'] ?? '', quota);
		if (organisation === undefined || id === undefined || 'problem' in reading) return undefined;
		const name = clean(keys.items.find((key) => key.id === id)?.name ?? 'the key');
		return changeOf(
			'changeKeyQuota',
			{org_id: organisation.id, key_id: id, body: reading.value},
			{
				done: `Changed what ${name} has used: in force`,
				tellsWhere: true,
				reload: 'keys',
				missing: 'This key is gone, or has no quota any more',
				unknown: 'It is not known whether it was changed: look at the key again.',
			},
		);
	},
	question(texts, {keys, now}, {id, quota}) {
		const reading = readChange(texts['used'] ?? '', quota);
		if ('problem' in reading || quota === undefined) return undefined;
		const name = clean(keys.items.find((key) => key.id === id)?.name ?? 'the key');
		const left = Math.max(0, quota.limit - usedThen(reading.value, quota));
		return {
			name: 'changeQuota',
			kept: 'what was used stays as it was counted',
			undo: 'Q sets it back to what it was.',
			title: 'quota',
			question: asked(reading.value, name),
			facts: [
				[standing(quota, now), 'plain'],
				[`Then: ${reading.means}.`, 'plain'],
				...(left > 0
					? []
					: [['It is refused from then on, until its quota resets.', 'warning'] as const]),
			],
			verb: 'Change it',
			busyText: 'Changing what was used …',
		};
	},
};

const takes = '0 for nothing; +500 for 500 more; -500 to give 500 back';

/** `0` is what it is to be, `+500` and `-500` how it changes. */
function readChange(text: string, quota: QuotaState | undefined): Reading<ChangeQuota> {
	const [, sign = '', number = ''] = /^\s*([+-]?)\s*(\S*)\s*$/u.exec(text) ?? [];
	if (number === '') return {problem: `takes ${takes}`};
	const count = readCount(number);
	if (typeof count !== 'number') return {problem: `${number} ${count.problem}`};
	if (count > maxQuota) return {problem: `is at most ${writeCount(maxQuota)}`};
	if (sign !== '' && count === 0) return {problem: 'changes nothing'};
	const value = sign === '' ? {set: count} : {add: sign === '+' ? count : -count};
	if (quota === undefined) return {value, means: ''};
	const then = usedThen(value, quota);
	const left = Math.max(0, quota.limit - then);
	return {value, means: `${writeCount(then)} used, ${writeCount(left)} left`};
}

function usedThen({set, add = 0}: ChangeQuota, {used}: QuotaState): number {
	return set ?? Math.max(0, used + add);
}

function asked({set, add = 0}: ChangeQuota, name: string): string {
	if (set !== undefined) return `Set what ${name} has used to ${writeCount(set)}?`;
	return add > 0
		? `Count ${writeCount(add)} more as used by ${name}?`
		: `Give ${writeCount(-add)} back to ${name}?`;
}

/** How it is now. */
function standing(quota: QuotaState | undefined, now: number): string {
	if (quota === undefined) return '';
	const {used, limit, resets_at: resets} = quota;
	const anew = resets === null ? '' : `; it resets ${until(resets, now)}, ${minute(resets)} UTC`;
	return `Now ${writeCount(used)} of ${writeCount(limit)} are used (${percent(used, limit)})${anew}.`;
}
