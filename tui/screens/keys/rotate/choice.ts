import type * as z from 'zod';
import type {FullKey} from '../../../../contract/keys.ts';
import type {rotateKeyRequest} from '../../../../contract/rotation.ts';
import {toTimestamp} from '../../../../contract/text.ts';
import {changeOf, type Effect} from '../../../app/effect.ts';
import {clean} from '../../../text/clean.ts';
import {endOfId} from '../../../text/confirmation.ts';
import {ago, moment, until} from '../../../text/time.ts';
import type {ChoiceScreen} from '../../kinds/choice/screen.ts';
import {newChoiceScreen} from '../../kinds/choice/state.ts';
import type {Question} from '../../kinds/confirm/screen.ts';
import type {Pair} from './rotation.ts';

type Option = ChoiceScreen['options'][number];

const hour = 3600;
/** The usual one first. */
const graces = [
	['for 24 hours', 24 * hour],
	['for 7 days', 7 * 24 * hour],
	['for 30 days', 30 * 24 * hour],
	['for 1 hour', hour],
	['not at all', 0],
] as const;

/** How long a key goes on beside the new one that takes over. */
export function newRotateScreen(key: FullKey, org_id: string, now: number): ChoiceScreen {
	return newChoiceScreen({
		name: 'rotateKey',
		kept: 'no key was rotated',
		title: 'rotate',
		heading: `A new key for ${clean(key.name)}, which may do the same and is shown once: how long does the present one, ${clean(key.hint)}…, go on?`,
		options: [
			...graces.map(([label, seconds]) => rotation(key, org_id, {label, seconds, now})),
			{
				label: 'change more …',
				meaning: 'name, rights and times of the new key; a reason',
				act: {do: 'readToChange', organisation: org_id, id: key.id},
			},
		],
	});
}

function rotation(
	key: FullKey,
	org_id: string,
	{label, seconds, now}: {label: string; seconds: number; now: number},
): Option {
	const ends = endOf(key, seconds, now);
	return {
		label,
		meaning: seconds === 0 ? 'its callers get 401 until they have the new one' : `until ${ends}`,
		...(seconds === 0 ? {question: replacing(key, now)} : {}),
		act: rotateKey(key, org_id, {grace_seconds: seconds}, now),
	};
}

function endOf(key: FullKey, seconds: number, now: number): string {
	const end = Math.min(now + seconds * 1000, Date.parse(key.expires_at ?? '') || Infinity);
	return moment(toTimestamp(new Date(end)));
}

/** A rotation, as an effect. */
export function rotateKey(
	key: FullKey,
	org_id: string,
	body: z.input<typeof rotateKeyRequest>,
	now: number,
): Effect {
	const name = clean(body.name ?? key.name);
	const {grace_seconds: seconds} = body;
	const by = seconds === undefined ? 'before its time is over' : `by ${endOf(key, seconds, now)}`;
	return changeOf(
		'rotateKey',
		{org_id, key_id: key.id, body},
		{
			done: `Rotated ${name}: in force`,
			tellsWhere: true,
			reload: 'keys',
			missing: 'This key is gone',
			unknown:
				'It is not known whether it was rotated. Press enter to ask again: it is done only once, and the new key is shown then.',
			reveal: {
				member: 'key',
				what: `new key ${name}`,
				advice:
					seconds === 0
						? 'Store it now, where the program that uses it can read it: the old one is refused already.'
						: `Give it to every program that has the old one ${by}. Its screen tells whether the old one is still used; t ends or cancels it.`,
			},
		},
	);
}

export function replacing(key: FullKey, now: number): Question {
	return {
		name: 'replaceKey',
		kept: 'no key was rotated',
		word: endOfId(key.id),
		ask: 'To replace it, type',
		wordIs: 'the end of its id',
		title: 'rotate',
		question: `Replace ${clean(key.name)} at once?`,
		facts: [
			[
				`${lastUseOf(key, now)}: its callers get 401 from now on, until they have the new key.`,
				'warning',
			],
			['The old key is revoked for good.', 'plain'],
		],
		verb: 'Replace it',
		busyText: 'One moment …',
	};
}

function lastUseOf(key: FullKey, now: number): string {
	return key.last_used_at === null
		? `${clean(key.hint)}… was never used`
		: `${clean(key.hint)}… was last used ${ago(key.last_used_at, now)}`;
}

/** What becomes of two keys of which one takes over: one of them ends, or the time goes on. */
export function newEndRotationScreen(
	key: FullKey,
	{old, next}: Pair,
	org_id: string,
	now: number,
): ChoiceScreen {
	const place = {org_id, key_id: key.id, body: {}};
	const name = clean(key.name);
	const then = {tellsWhere: true, reload: 'keys', missing: 'This key is gone'} as const;
	const [oldHint, newHint] = [old, next].map((each) =>
		each === undefined ? 'it' : `${clean(each.hint)}…`,
	);
	return newChoiceScreen({
		name: 'endRotation',
		kept: 'the rotation goes on',
		title: 'rotation',
		heading: `${name} is being rotated: the old key, ${oldHint}, goes on until ${moment(old?.grace_until ?? '')}, ${until(old?.grace_until ?? null, now)}.`,
		options: [
			{
				label: 'finish',
				meaning: 'the old key ends now, the new one goes on',
				question: {
					name: 'finishRotation',
					kept: 'the old key goes on',
					word: 'finish',
					title: 'finish',
					question: `End the old key of ${name} now?`,
					facts: [
						...(old === undefined ? [] : [[`${lastUseOf(old, now)}.`, 'warning'] as const]),
						['Whoever still uses it gets 401 from now on. This cannot be undone.', 'plain'],
					],
					verb: 'End it',
					busyText: 'Ending the old key …',
				},
				act: changeOf('finishRotation', place, {
					...then,
					done: `Finished the rotation of ${name}: the old key is refused`,
				}),
			},
			{
				label: 'cancel',
				meaning: 'the new key is revoked, the old one stays as it was',
				question: {
					name: 'cancelRotation',
					kept: 'the rotation goes on',
					word: 'cancel',
					title: 'cancel',
					question: `Cancel the rotation of ${name}?`,
					facts: [
						...(next === undefined ? [] : [[`${lastUseOf(next, now)}.`, 'warning'] as const]),
						[`The new key, ${newHint}, is revoked for good: its callers get 401.`, 'plain'],
						['The old key goes on as before, and can be rotated again.', 'plain'],
					],
					verb: 'Cancel the rotation',
					busyText: 'Cancelling the rotation …',
				},
				act: changeOf('cancelRotation', place, {
					...then,
					done: `Cancelled the rotation of ${name}: the new key is refused`,
				}),
			},
		],
	});
}
