import type {FullKey} from '../../../../contract/keys.ts';
import {isOver, stateOf, whyOver} from '../../../api-keys/state.ts';
import {changing} from '../../../app/guards.ts';
import {readKey} from '../../../app/loading.ts';
import type {Model, Step} from '../../../app/model.ts';
import {canChange, may, push, say} from '../../../app/navigation.ts';
import {clean} from '../../../text/clean.ts';
import {newSuspendScreen} from './form.ts';
import {newResumeQuestion, newResumeSeveralQuestion, newSuspendQuestion} from './question.ts';

/* Suspending a key and resuming it: each can be taken back, so `enter` alone answers the question. */

/** Whether suspending or resuming a key would be more than a refusal. */
export function maySuspend(model: Model, key: FullKey | undefined): boolean {
	if (key === undefined || isOver(key, model.now) || isLate(key, model.now)) return false;
	return canChange(model) && may(model, 'keys:suspend');
}

/** Whether a key has ended while it was suspended: it cannot be resumed as it is. */
function isLate(key: FullKey, now: number): boolean {
	if (stateOf(key, now) !== 'suspended' || key.expires_at === null) return false;
	return Date.parse(key.expires_at) <= now;
}

/** Asks whether to suspend a key, or to resume one that is suspended. */
export function toggleSuspension(model: Model, key: FullKey | undefined, now: number): Step {
	return suspending(model, key, now, (one, org_id) =>
		stateOf(one, now) === 'suspended'
			? resume(model, one, org_id, now)
			: [push(model, newSuspendQuestion(one, org_id, now)), ...readKey(model, one.id)],
	);
}

/** Asks why a key is suspended, for whoever meets it later. */
export function startSuspend(model: Model, key: FullKey | undefined, now: number): Step {
	return suspending(model, key, now, (one) =>
		stateOf(one, now) === 'suspended'
			? [say(model, now, `${clean(one.name)} is suspended already: d resumes it`)]
			: [push(model, newSuspendScreen(one))],
	);
}

/** Asks whether to resume what was suspended last, wherever the cursor is now. */
export function undoSuspension(model: Model, now: number): Step {
	const {lastSuspended = []} = model;
	const keys = model.keys.items.filter(
		(key) => lastSuspended.includes(key.id) && stateOf(key, now) === 'suspended',
	);
	const [key, ...others] = keys;
	if (key === undefined) {
		return [say(model, now, 'Nothing to undo: u resumes what was suspended last')];
	}
	return suspending(model, key, now, (one, org_id) =>
		others.length === 0
			? resume(model, one, org_id, now)
			: [push(model, newResumeSeveralQuestion(keys, org_id, 'keys'))],
	);
}

function resume(model: Model, key: FullKey, org_id: string, now: number): Step {
	if (!isLate(key, now)) return [push(model, newResumeQuestion(key, org_id))];
	const text = `${clean(key.name)} has expired meanwhile: e gives it another end, then d resumes it`;
	return [say(model, now, text, 'warning')];
}

/** Goes on with a key that could be suspended or resumed, or says why not. */
function suspending(
	model: Model,
	key: FullKey | undefined,
	now: number,
	then: (key: FullKey, org_id: string) => Step,
): Step {
	return changing(model, now, () => {
		if (key === undefined || model.organisation === undefined) return [model];
		const over = whyOver(key, now);
		if (over !== undefined) return [say(model, now, over)];
		if (!may(model, 'keys:suspend')) {
			return [say(model, now, 'Your role may not suspend keys', 'warning')];
		}
		return then(key, model.organisation.id);
	});
}
