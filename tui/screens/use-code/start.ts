import {changing} from '../../app/common-commands.ts';
import {type Model, push, type Step} from '../../app/model.ts';
import {newUseCodeScreen} from './state.ts';

/** From the log-in. */
export function startUseCode(model: Model, now: number): Step {
	return changing(model, now, () => [push(model, newUseCodeScreen())]);
}
