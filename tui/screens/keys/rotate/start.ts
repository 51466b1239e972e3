import type {FullKey} from '../../../../contract/keys.ts';
import {isOver, whyOver} from '../../../api-keys/state.ts';
import {changing} from '../../../app/guards.ts';
import type {Model, Step} from '../../../app/model.ts';
import {canChange, may, push, say} from '../../../app/navigation.ts';
import {newEndRotationScreen, newRotateScreen} from './choice.ts';
import {pairOf} from './rotation.ts';

/** Whether rotating a key, or ending its rotation, would be more than a refusal. */
export function mayRotate(model: Model, key: FullKey | undefined): boolean {
	if (key === undefined || isOver(key, model.now)) return false;
	if (model.organisation?.plan !== 'team' && pairOf(model, key) === undefined) return false;
	return canChange(model) && may(model, 'keys:rotate');
}

/** Asks how a key is rotated; where it is, how that shall end. */
export function startRotate(model: Model, key: FullKey | undefined, now: number): Step {
	return changing(model, now, () => {
		if (key === undefined || model.organisation === undefined) return [model];
		const over = whyOver(key, now);
		if (over !== undefined) return [say(model, now, over)];
		if (!may(model, 'keys:rotate')) {
			return [say(model, now, 'Your role may not rotate keys', 'warning')];
		}
		const {id} = model.organisation;
		const pair = pairOf({...model, now}, key);
		if (pair !== undefined) return [push(model, newEndRotationScreen(key, pair, id, now))];
		if (model.organisation.plan !== 'team') {
			return [say(model, now, 'API keys need the Team plan', 'warning')];
		}
		return [push(model, newRotateScreen(key, id, now))];
	});
}
