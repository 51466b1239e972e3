import type {ComponentType} from 'react';
import type {Context} from '../keyboard/keymap.ts';
import type {Freshness, Place, ViewProperties} from './screen-kind.ts';
import type {ListName} from './lists.ts';
import type {Model} from './model.ts';
import {kindOf, kinds} from './kinds.ts';
import {mayRead} from './navigation.ts';
import type {Screen} from './screens.ts';

/* Questions that any screen can be asked, whatever its type. */

/** Which parts of the keymap hold on a screen. */
export function contextsOf(screen: Screen, model: Model): readonly Context[] {
	return kindOf(screen).contexts(screen, model);
}

/** The list that a screen shows, if it shows one that is kept fresh. */
export function listOf(screen: Screen): ListName | undefined {
	return kindOf(screen).list?.(screen);
}

/** How fresh what a screen shows is; undefined: it shows nothing that is read, or may be. */
export function freshnessOf(screen: Screen, model: Model): Freshness | undefined {
	const list = listOf(screen);
	const isRead = list !== undefined && mayRead(model, list);
	return kindOf(screen).freshness?.(screen) ?? (isRead ? model[list] : undefined);
}

/** Whether something was sent from a screen that waits for the answer. */
export function isBusy(screen: Screen): boolean {
	return kindOf(screen).busy?.(screen) ?? false;
}

/** Every screen that shows `list`, or any list, after it or the room for it changed. */
export function rearrange(model: Model, list?: ListName): Model {
	const screens = model.screens.map((screen) => {
		if (list !== undefined && screen.type !== list) return screen;
		return kindOf(screen).arrange?.(screen, model) ?? screen;
	});
	return {...model, screens};
}

/** Where one can go from everywhere. */
export const places: readonly Place[] = Object.values(kinds).flatMap(({place}) => place ?? []);

/** What draws each screen. */
export type Views = Readonly<Record<Screen['type'], ComponentType<ViewProperties<Screen>>>>;

export async function loadViews(): Promise<Views> {
	const views = await Promise.all(
		Object.entries(kinds).map(async ([type, {view}]) => [type, await view()] as const),
	);
	// Each screen is drawn by the view of its own kind only.
	return Object.fromEntries(views) as unknown as Views;
}
