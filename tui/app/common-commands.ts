import type {Permission} from '../../contract/permissions.ts';
import type {CommandOf} from '../keymap.ts';
import {emptyField} from '../components/text-field/state.ts';
import {readDelivery} from '../screens/delivery/read.ts';
import {newKeysScreen} from '../screens/keys/rows.ts';
import {openList, rearrange} from '../screens/list/rows.ts';
import {newHealthScreen} from '../screens/health/screen.ts';
import {newSettingsScreen} from '../screens/settings/screen.ts';
import {
	isTable,
	listOf,
	load,
	may,
	type Model,
	pop,
	say,
	type Screen,
	type Step,
	type TableName,
	top,
} from './model.ts';

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
		case 'showMembers':
			return open(model, 'members');
		case 'showAudit':
			return open(model, 'audit');
		case 'showWebhooks':
			return open(model, 'webhooks');
		case 'showHealth': {
			const health = newHealthScreen(model);
			const screens = [homeOf(model), health];
			return load({...model, before: model.screens, screens}, health.list);
		}
		case 'showSettings':
			return [{...model, before: model.screens, screens: [homeOf(model), newSettingsScreen()]}];
		case 'before':
			return goBack(model, now);
		case 'palette':
			return [{...model, palette: {text: emptyField, choice: 0}}];
		case 'refresh': {
			const [next, ...effects] = readAgain(model);
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

function readAgain(model: Model): Step {
	const screen = top(model);
	if (screen.type === 'delivery') return readDelivery(model, screen);
	const list = listOf(screen);
	return list === undefined ? [model] : load(model, list);
}

/** A main screen, on top of the home screen; the keys screen is kept as it was left. */
export function open(model: Model, type: 'keys' | TableName): Step {
	const home = homeOf(model);
	const going = {...model, before: model.screens};
	if (type === 'keys') return load({...going, screens: [home]}, type);
	const here = type === 'organisations' ? model.organisation?.id : undefined;
	return openList({...going, screens: [home]}, type, here);
}

function homeOf(model: Model): Screen {
	const [home] = model.screens;
	return home?.type === 'keys' ? home : newKeysScreen(model);
}

/** To the screens before the last change of the main screen; twice is where one was. */
function goBack(model: Model, now: number): Step {
	const {before} = model;
	const last = before?.at(-1);
	if (before === undefined || last === undefined) {
		return [say(model, now, 'There was no other screen yet')];
	}
	const there = {...model, screens: before, before: model.screens};
	if (isTable(last)) {
		return openList({...there, screens: before.slice(0, -1)}, last.type, last.table.id, last.scope);
	}
	const list = listOf(last);
	return list === undefined ? [there] : load(rearrange(there, list), list);
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
