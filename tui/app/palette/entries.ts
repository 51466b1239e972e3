import type {FullKey} from '../../../contract/keys.ts';
import {idHint} from '../../text/id-hint.ts';
import {clean} from '../../text/clean.ts';
import {keyLabel} from '../../keyboard/key-names.ts';
import {bindings, keymap} from '../../keyboard/keymap.ts';
import {openKey} from '../../screens/keys/key/open.ts';
import {keyStatus} from '../../screens/keys/key/status.ts';
import {openList} from '../../screens/kinds/list/open.ts';
import {nameOf} from '../../screens/webhooks/endpoints/names.ts';
import {goTo} from '../common-commands.ts';
import {homeOf} from '../home.ts';
import {kindOf} from '../kinds.ts';
import type {TableName} from '../lists.ts';
import type {Model, Step} from '../model.ts';
import {top} from '../navigation.ts';
import {contextsOf, places} from '../on-screens.ts';
import {enterOrganisation} from '../organisation.ts';
import {press} from '../press.ts';
import type {Place} from '../screen-kind.ts';
import {isTable} from '../screens.ts';

/** Something that can be done by its name. */
export type PaletteEntry = {
	/** Told from all others by it. */
	readonly id: string;
	readonly name: string;
	/** What it is, or the key that does the same. */
	readonly note: string;
	/** It goes somewhere, and does nothing else: it can be gone to again. */
	readonly goes: boolean;
	readonly run: (model: Model, now: number) => Step;
};

/** Screens that one can go to, each with its key. */
export function screenEntries(): PaletteEntry[] {
	return places.map((place) => ({
		id: `screen ${place.name}`,
		name: place.name,
		note: `screen ${keyOf(place)}`.trimEnd(),
		goes: true,
		run: (from) => goTo(from, place),
	}));
}

function keyOf({command}: Place): string {
	const [, binding] = bindings(keymap.screens).find(([name]) => name === command) ?? [];
	return binding?.keys[0] ?? '';
}

/** What the screen underneath can do. */
export function actionEntries(model: Model): PaletteEntry[] {
	return contextsOf(top(model), model).flatMap((context) =>
		bindings(context).flatMap(([command, {keys, help}]): PaletteEntry[] => {
			const [key] = keys;
			if (key === undefined || context === keymap.list || command === 'palette') return [];
			// The screens are there by their own names.
			if (command.startsWith('show')) return [];
			return [
				{
					id: `action ${command}`,
					name: help.toLowerCase(),
					note: keyLabel(key),
					goes: false,
					run: (from, now) => press(from, key, now),
				},
			];
		}),
	);
}

export function organisationEntries({organisations}: Model): PaletteEntry[] {
	return organisations.items.map((organisation) => ({
		id: organisation.id,
		name: `org ${clean(organisation.name)}`,
		note: 'work there',
		goes: true,
		run: (from) => enterOrganisation(from, organisation),
	}));
}

/** A key, by its name, its id or how it begins. */
export function keyEntry(key: FullKey, now: number): PaletteEntry {
	return {
		id: key.id,
		name: `key ${clean(key.name)}`,
		note: `${keyStatus(key, now)[0]}  …${idHint(key.id)}`,
		goes: true,
		run: (from) => openKey({...from, before: from.screens, screens: [homeOf(from)]}, key.id),
	};
}

/** People, programs, endpoints and sources, as far as they have been read. */
export function thingEntries(model: Model): PaletteEntry[] {
	const {members, serviceAccounts, webhooks, sources} = model;
	const entry = (list: TableName, id: string, name: string, note: string): PaletteEntry => ({
		id,
		name,
		note,
		goes: true,
		run: (from) => openList({...from, before: from.screens, screens: [homeOf(from)]}, list, id),
	});
	return [
		...members.items.map(({id, email, role}) =>
			entry('members', id, `member ${clean(email)}`, clean(role)),
		),
		...serviceAccounts.items.map(({id, name, role}) =>
			entry('serviceAccounts', id, `service account ${clean(name)}`, clean(role)),
		),
		...webhooks.items.map((endpoint) =>
			entry('webhooks', endpoint.id, `webhook ${nameOf(endpoint)}`, clean(endpoint.status)),
		),
		...sources.items.map(({id, name, type}) =>
			entry('sources', id, `source ${clean(name)}`, clean(type)),
		),
	];
}

/** `keys status:expired`: a screen, with a filter for it; undefined: it does not begin with a screen. */
export function filteredEntry(text: string): PaletteEntry | undefined {
	const place = placeIn(text.toLowerCase());
	if (place === undefined) return undefined;
	const filter = text.slice(place.length).trim();
	if (filter === '') return undefined;
	return {
		id: 'filtered',
		name: `${place.name} / ${clean(filter)}`,
		note: 'filtered',
		goes: true,
		run: (from, now) => goFiltered(from, place, filter, now),
	};
}

/** The screen that a text begins with: its name, or so much of its first word that it can be no other. */
function placeIn(text: string): (Place & {readonly length: number}) | undefined {
	const whole = places
		.filter(({name}) => text.startsWith(`${name} `))
		.toSorted((a, b) => b.name.length - a.name.length)[0];
	if (whole !== undefined) return {...whole, length: whole.name.length};
	const [, word = ''] = /^(\S{2,}) /.exec(text) ?? [];
	// `member ana` is a member, and no screen.
	const begun = word === '' || isKind(word) ? [] : places.filter(({name}) => name.startsWith(word));
	const [only] = begun;
	return begun.length === 1 && only !== undefined ? {...only, length: word.length} : undefined;
}

/** What stands before the names of things. */
const kindsOfThings = ['key', 'org', 'member', 'service account', 'webhook', 'source'];

function isKind(word: string): boolean {
	return kindsOfThings.some((kind) => kind.startsWith(word));
}

/** A name without what it is a name of. */
export function bareName(name: string): string {
	const kind = kindsOfThings.find((each) => name.startsWith(`${each} `));
	return kind === undefined ? name : name.slice(kind.length + 1);
}

function goFiltered(model: Model, place: Place, filter: string, now: number): Step {
	const [there, ...effects] = goTo(model, place);
	const screen = top(there);
	const {filterBy} = kindOf(screen);
	if (!isTable(screen) || filterBy === undefined) return [there, ...effects];
	const [filtered, ...more] = filterBy(there, screen, filter, now);
	return [filtered, ...effects, ...more];
}
