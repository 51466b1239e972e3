import type {PastedKey} from '../../../api-keys/pasted.ts';
import type {Recognition} from '../../../api-keys/recognise.ts';
import type {Effect} from '../../../app/effect.ts';
import {readKey} from '../../../app/loading.ts';
import type {Model, Step} from '../../../app/model.ts';
import {may, push} from '../../../app/navigation.ts';
import type {LeakedKeyScreen} from './screen.ts';

/** Shows what is known of a key: one that is whole is asked about at once. */
export function openLeakedKey(model: Model, secret: PastedKey): Step {
	const screen = newLeakedKeyScreen(secret);
	const opened = push(model, screen);
	return secret.isWhole ? askAbout(opened, screen, secret) : [opened];
}

export function newLeakedKeyScreen(secret: PastedKey): LeakedKeyScreen {
	return {type: 'leakedKey', asking: false, at: 0, ...withSecret(secret)};
}

/** The key, and what is drawn of it once that is forgotten. */
export function withSecret(secret: PastedKey) {
	const [masked, stars] = [secret.masked('*'), secret.hint.length];
	return {
		secret,
		hint: secret.hint,
		masked: (mask: string) => masked.slice(0, stars) + masked.slice(stars).replaceAll('*', mask),
	};
}

/** Asks the server whose key it is: first of the organisation that one works in. */
export function askAbout(model: Model, screen: LeakedKeyScreen, secret: PastedKey): Step {
	const {organisation, organisations, epoch} = model;
	const others = organisations.items.filter(({id}) => id !== organisation?.id);
	const places = [...(organisation === undefined ? [] : [organisation]), ...others];
	if (model.link.state === 'offline') {
		const problem = 'the server is away';
		return [{...model, screens: [...model.screens.slice(0, -1), {...screen, problem}]}];
	}
	const {problem: _, ...asked} = screen;
	const waiting: LeakedKeyScreen = {...asked, asking: true};
	return [
		{...model, screens: [...model.screens.slice(0, -1), waiting]},
		{do: 'recogniseKey', secret, places: places.map(({id, name}) => ({id, name})), epoch},
	];
}

/** The key of a screen, where it is one of the organisation that one works in. */
export function hereOf(
	{organisation}: Model,
	{told}: LeakedKeyScreen,
): Extract<Recognition, {kind: 'known'}> | undefined {
	return told?.kind === 'known' && told.place.id === organisation?.id ? told : undefined;
}

/** Reads who made it, and how it was used from where. */
export function readAbout(model: Model, id: string): Effect[] {
	const {organisation, epoch} = model;
	if (organisation === undefined || !may(model, 'keys:read')) return [];
	return [
		...readKey(model, id),
		...(may(model, 'usage:read')
			? [{do: 'readKeyUsage', organisation: organisation.id, id, range: 'week', epoch} as const]
			: []),
	];
}
