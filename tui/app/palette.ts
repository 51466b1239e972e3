import {keymap} from '../keyboard/keymap.ts';
import {stepped} from '../components/choosing.ts';
import {reduceTextField, textFieldKey} from '../components/text-field/state.ts';
import {keyLabel} from '../keyboard/key-names.ts';
import {bindings, commandFor} from '../keyboard/keymap.ts';
import {clean} from '../text/clean.ts';
import {goTo} from './common-commands.ts';
import {contextsOf, places} from './on-screens.ts';
import type {Model, Step} from './model.ts';
import {top} from './navigation.ts';
import {press} from './press.ts';
import {enterOrganisation} from './organisation.ts';

/** Something that can be done by its name. */
export type PaletteEntry = {
	readonly name: string;
	/** What it does, or the key that does the same. */
	readonly note: string;
	readonly run: (model: Model, now: number) => Step;
};

export type Palette = NonNullable<Model['palette']>;

/** All that the palette knows: screens, organisations, and what the screen underneath can do. */
function entriesOf(model: Model): PaletteEntry[] {
	const screen = top(model);
	const screens = places.map((place): PaletteEntry => ({
		name: place.name,
		note: 'screen',
		run: (from) => goTo(from, place),
	}));
	const organisations = model.organisations.items.map((organisation): PaletteEntry => ({
		name: `org ${clean(organisation.name)}`,
		note: 'work there',
		run: (from) => enterOrganisation(from, organisation),
	}));
	const actions = contextsOf(screen, model).flatMap((context) =>
		bindings(context).flatMap(([command, {keys, help}]): PaletteEntry[] => {
			const [key] = keys;
			if (key === undefined || context === keymap.list || command === 'palette') return [];
			// The screens are there by their own names.
			if (command.startsWith('show')) return [];
			return [
				{
					name: help.toLowerCase(),
					note: keyLabel(key),
					run: (from, now) => press(from, key, now),
				},
			];
		}),
	);
	return [...screens, ...actions, ...organisations];
}

/** The entries that match what was typed: names that begin with it come before names that contain it. */
export function paletteMatches(model: Model, {text}: Palette): PaletteEntry[] {
	const wanted = text.value.trim().toLowerCase();
	const entries = entriesOf(model);
	if (wanted === '') return entries;
	const words = wanted.split(/\s+/u);
	const matching = entries.filter(({name}) => {
		const lower = name.toLowerCase();
		return words.every((word) => lower.includes(word));
	});
	const begins = ({name}: PaletteEntry) => name.toLowerCase().startsWith(wanted);
	return [...matching.filter(begins), ...matching.filter((entry) => !begins(entry))];
}

export function onPaletteKey(model: Model, palette: Palette, key: string, now: number): Step {
	const matches = paletteMatches(model, palette);
	const move = (by: number) =>
		withPalette(model, {
			...palette,
			choice: stepped(palette.choice, by, matches.length),
		});
	switch (commandFor([keymap.palette], key)) {
		case 'cancel':
			return [withoutPalette(model)];
		case 'next':
			return [move(1)];
		case 'previous':
			return [move(-1)];
		case 'run': {
			const entry = matches[palette.choice];
			return entry === undefined ? [model] : entry.run(withoutPalette(model), now);
		}
		case undefined: {
			const action = textFieldKey(key);
			if (action === undefined) return [model];
			// Backspace on the colon itself closes it, as in vi.
			if (key === 'backspace' && palette.text.value === '') return [withoutPalette(model)];
			return [withPalette(model, {text: reduceTextField(palette.text, action), choice: 0})];
		}
	}
}

export function onPalettePaste(model: Model, palette: Palette, text: string): Model {
	return withPalette(model, {
		text: reduceTextField(palette.text, {type: 'insert', text}),
		choice: 0,
	});
}

function withPalette(model: Model, palette: Palette): Model {
	return {...model, palette};
}

function withoutPalette(model: Model): Model {
	const {palette: _, ...rest} = model;
	return rest;
}
