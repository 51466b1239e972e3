import {load, readKey} from '../../../app/loading.ts';
import type {Model, Step} from '../../../app/model.ts';
import {push} from '../../../app/navigation.ts';

/** All about a key, from a screen that is not the list of keys, which may be of long ago. */
export function openKey(model: Model, id: string): Step {
	const [next, ...effects] = load(push(model, {type: 'key', id}), 'keys');
	return [next, ...effects, ...readKey(next, id)];
}
