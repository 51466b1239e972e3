import {keymap} from '../keyboard/keymap.ts';
import type {CommandOf} from '../keyboard/keymap.ts';
import {newLogOutQuestion} from '../screens/people/sessions/log-out.ts';
import {openList} from '../screens/kinds/list/open.ts';
import {homeList, homeOf} from './home.ts';
import {kindOf, kinds} from './kinds.ts';
import {load} from './loading.ts';
import {identify, mayRead, pop, push, say, top} from './navigation.ts';
import type {Model, Step} from './model.ts';
import {openPalette} from './palette/open.ts';
import {listOf, places, rearrange} from './on-screens.ts';
import type {Place} from './screen-kind.ts';
import {isTable} from './screens.ts';

export const commonContexts = [
	keymap.everywhere,
	keymap.back,
	keymap.backFromChart,
	keymap.screens,
] as const;

type Common = CommandOf<(typeof commonContexts)[number]>;

/** What means the same on every screen where letters are not text. */
export function commonCommand(model: Model, command: Common, now: number): Step {
	switch (command) {
		case 'help':
			return [{...model, help: {choice: 0}}];
		case 'repaint':
			return [model, {do: 'repaint'}];
		case 'quit':
			return model.screens.length > 1 ? [pop(model)] : [model, {do: 'quit', status: 0}];
		case 'back':
			return model.screens.length > 1
				? [pop(model)]
				: [say(model, now, 'This is the first screen; q quits')];
		case 'showKeys':
		case 'showSources':
		case 'showOrganisations':
		case 'showMembers':
		case 'showAudit':
		case 'showWebhooks':
		case 'showHealth':
		case 'showSettings':
		case 'showLimited':
		case 'showHygiene':
		case 'showOverview':
		case 'showLive': {
			const place = places.find((each) => each.command === command);
			return place === undefined ? [model] : goTo(model, place);
		}
		case 'before':
			return goBack(model, now);
		case 'palette':
			return openPalette(model);
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
			return [push(model, newLogOutQuestion())];
	}
}

function readAgain(model: Model): Step {
	const screen = top(model);
	const {refresh} = kindOf(screen);
	if (refresh !== undefined) return refresh(model, screen);
	const list = listOf(screen);
	if (list === undefined) return [model];
	// Perhaps their role is another by now.
	return mayRead(model, list) ? load(model, list) : [model, identify(model)];
}

/** Goes to a place, on top of the home screen, which is kept as it was left. */
export function goTo(model: Model, place: Place): Step {
	const going = {...model, before: model.screens, screens: [homeOf(model)]};
	return place === kinds[homeList].place ? load(going, homeList) : place.open(going);
}

/** Back to the screens before the last change of the main screen; twice returns to these. */
function goBack(model: Model, now: number): Step {
	const {before} = model;
	const last = before?.at(-1);
	if (before === undefined || last === undefined) {
		return [say(model, now, 'There is no screen before this one')];
	}
	const there = {...model, screens: before, before: model.screens};
	if (isTable(last) && before.length > 1) {
		return openList({...there, screens: before.slice(0, -1)}, last.type, last.table.id, last.scope);
	}
	const list = listOf(last);
	return list === undefined ? [there] : load(rearrange(there, list), list);
}
