import type {Permission} from '../../contract/permissions.ts';
import type {CommandOf} from '../keymap.ts';
import {newKeysScreen} from '../screens/keys/rows.ts';
import {newListScreen} from '../screens/list/rows.ts';
import {type ListName, listOf, load, may, type Model, pop, say, type Step, top} from './model.ts';

export const commonContexts = ['everywhere', 'back', 'screens'] as const;

type Common = CommandOf<(typeof commonContexts)[number]>;

/** What means the same on every screen where letters are not text. */
export function commonCommand(model: Model, command: Common, now: number): Step {
	switch (command) {
		case 'help':
			return [{...model, help: 0}];
		case 'repaint':
			return [model, {do: 'repaint'}];
		case 'quit':
			return model.screens.length > 1 ? [pop(model)] : [model, {do: 'quit', status: 0}];
		case 'back':
			return model.screens.length > 1
				? [pop(model)]
				: [say(model, now, 'This is the first screen; q quits')];
		case 'showKeys':
			return open(model, 'keys');
		case 'showSources':
			return open(model, 'sources');
		case 'showOrganisations':
			return open(model, 'organisations');
		case 'refresh': {
			const list = listOf(top(model));
			const [next, ...effects]: Step = list === undefined ? [model] : load(model, list);
			return [say(next, now, 'Reading again…'), ...effects];
		}
		case 'pause':
			return [
				say(
					{...model, paused: !model.paused},
					now,
					model.paused ? 'Live again' : 'Paused: R reads again, p resumes',
				),
			];
		case 'logOut':
			return [say(model, now, 'Logging out…'), {do: 'logOut'}];
	}
}

/** A main screen, on top of the home screen; the keys screen is kept as it was left. */
function open(model: Model, type: ListName): Step {
	const home = model.screens[0]?.type === 'keys' ? model.screens[0] : newKeysScreen(model);
	if (type === 'keys') return load({...model, screens: [home]}, type);
	const here = type === 'organisations' ? model.organisation?.id : undefined;
	return load({...model, screens: [home, newListScreen(model, type, here)]}, type);
}

/** Goes on to what a permission is needed for, or says who may. */
export function allowed(
	model: Model,
	now: number,
	permission: Permission,
	refusal: string,
	then: () => Step,
): Step {
	return may(model, permission) ? then() : [say(model, now, refusal, 'warning')];
}

/** Goes on to a change, or says why nothing can be changed now. */
export function changing(model: Model, now: number, then: () => Step): Step {
	if (model.readOnly)
		return [say(model, now, 'This console only reads (LATCHKEY_READONLY)', 'warning')];
	if (model.link.state === 'offline') {
		return [say(model, now, 'Not while the server is away', 'warning')];
	}
	return then();
}
