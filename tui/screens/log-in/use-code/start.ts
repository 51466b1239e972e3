import {changing} from '../../../app/guards.ts';
import {push} from '../../../app/navigation.ts';
import type {Model, Step} from '../../../app/model.ts';
import {newUseCodeScreen} from './state.ts';

/** From the log-in. */
export function startUseCode(model: Model, now: number): Step {
	return changing(model, now, () => [push(model, newUseCodeScreen())]);
}
