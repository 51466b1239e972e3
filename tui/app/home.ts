import type {ListName} from './lists.ts';
import type {Model} from './model.ts';
import type {Screen} from './screens.ts';
import {newListScreen} from '../screens/kinds/list/open.ts';

/** What the first screen lists: where work begins, and where leaving other screens ends. */
export const homeList = 'keys' satisfies ListName;

export function newHomeScreen(model: Model): Screen {
	return newListScreen(model, homeList);
}

/** The home screen as it was left, filter and marks included. */
export function homeOf(model: Model): Screen {
	const [home] = model.screens;
	return home?.type === homeList ? home : newHomeScreen(model);
}
