import {reduceTextField, textFieldKey} from '../components/text-field/state.ts';
import {bindings, commandFor, keyLabel} from '../keymap.ts';
import {clean} from '../text/clean.ts';
import {commonCommand, open} from './common-commands.ts';
import {contextsOf, kindOf} from './kinds.ts';
import {type Model, type Step, type TableName, top} from './model.ts';
import {enterOrganisation} from './organisation.ts';

/** Something that can be done by its name. */
export type PaletteEntry = {
	readonly name: string;
	/** What it does, or the key that does the same. */
	readonly note: string;
	readonly run: (model: Model, now: number) => Step;
};

export type Palette = NonNullable<Model['palette']>;

const lists: Readonly<Record<string, 'keys' | TableName>> = {
	keys: 'keys',
	sources: 'sources',
	organisations: 'organisations',
	members: 'members',
	invitations: 'invitations',
	'service accounts': 'serviceAccounts',
	users: 'users',
	sessions: 'sessions',
	audit: 'audit',
	webhooks: 'webhooks',
	deliveries: 'deliveries',
};

/** Screens that are no list of one thing. */
const others = {health: 'showHealth', settings: 'showSettings'} as const;

/** All that the palette knows: screens, organisations, and what the screen underneath can do. */
function entriesOf(model: Model): PaletteEntry[] {
	const screen = top(model);
	const screens = [
		...Object.entries(lists).map(([name, list]): PaletteEntry => ({
			name,
			note: 'screen',
			run: (from) => open(from, list),
		})),
		...Object.entries(others).map(([name, command]): PaletteEntry => ({
			name,
			note: 'screen',
			run: (from, now) => commonCommand(from, command, now),
		})),
	];
	const organisations = model.organisations.items.map((organisation): PaletteEntry => ({
		name: `org ${clean(organisation.name)}`,
		note: 'work there',
		run: (from) => enterOrganisation(from, organisation),
	}));
	const actions = contextsOf(screen, model).flatMap((context) =>
		bindings(context).flatMap(([command, {keys, help}]): PaletteEntry[] => {
			const [key] = keys;
			if (key === undefined || context === 'list' || command === 'palette') return [];
			// The screens are there by their own names.
			if (command.startsWith('show')) return [];
			return [
				{
					name: help.toLowerCase(),
					note: keyLabel(key),
					run: (from, now) => kindOf(top(from)).onKey(from, top(from), key, now),
				},
			];
		}),
	);
	return [...screens, ...actions, ...organisations];
}

/** The entries that what was typed may mean: names that begin with it before those that have it. */
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
			choice: matches.length === 0 ? 0 : (palette.choice + by + matches.length) % matches.length,
		});
	switch (commandFor(['palette'], key)) {
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
			// Taking back the colon itself closes it, as in the editors that have it.
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
