import {stepped} from '../../components/choosing.ts';
import {
	emptyField,
	fieldOf,
	reduceTextField,
	type TextField,
	textFieldKey,
} from '../../components/text-field/state.ts';
import {commandFor, keymap} from '../../keyboard/keymap.ts';
import {may} from '../navigation.ts';
import type {Model, Step} from '../model.ts';
import {type Palette, paletteMatches} from './matches.ts';

/** How many of what was gone to are kept. */
const mostKept = 50;
/** From so many characters on the server is asked for keys that are not here. */
const searchedFrom = 2;

export function onPaletteKey(model: Model, palette: Palette, key: string, now: number): Step {
	const matches = paletteMatches(model, palette);
	switch (commandFor([keymap.palette], key)) {
		case 'cancel':
			return [withoutPalette(model)];
		case 'next':
			if (palette.recalled !== undefined) return [recall(model, palette, palette.recalled - 1)];
			return [moved(model, palette, 1, matches.length)];
		case 'previous':
			// Above the first one is what was gone to before.
			if (palette.choice === 0) return [recall(model, palette, (palette.recalled ?? -1) + 1)];
			return [moved(model, palette, -1, matches.length)];
		case 'complete': {
			const name = matches[palette.choice]?.name;
			return name === undefined ? [model] : typed(model, palette, fieldOf(`${name} `));
		}
		case 'run': {
			const entry = matches[palette.choice];
			if (entry === undefined) return [model];
			const text = palette.text.value.trim();
			const kept = entry.goes && text !== '' ? remembered(model, text) : model;
			return entry.run(withoutPalette(kept), now);
		}
		case undefined: {
			const action = textFieldKey(key);
			if (action === undefined) return [model];
			// Backspace on the colon itself closes it, as in vi.
			if (key === 'backspace' && palette.text.value === '') return [withoutPalette(model)];
			return typed(model, palette, reduceTextField(palette.text, action));
		}
	}
}

export function onPalettePaste(model: Model, palette: Palette, text: string): Step {
	return typed(model, palette, reduceTextField(palette.text, {type: 'insert', text}));
}

function moved(model: Model, palette: Palette, by: number, count: number): Model {
	return withPalette(model, {...palette, choice: stepped(palette.choice, by, count)});
}

/** Another text; keys that are not all here yet are asked for by it. */
function typed(model: Model, {found}: Palette, text: TextField): Step {
	const next = withPalette(model, {text, choice: 0, ...(found === undefined ? {} : {found})});
	const {organisation, epoch, keys} = model;
	const q = text.value.trim();
	const isAsked = keys.status !== 'ready' && q.length >= searchedFrom && may(model, 'keys:read');
	if (!isAsked || organisation === undefined || model.link.state === 'offline') return [next];
	return [next, {do: 'searchKeys', organisation: organisation.id, q, epoch}];
}

/** What was gone to before, the last one first; before the last one is what one types oneself. */
function recall(model: Model, palette: Palette, at: number): Model {
	const text = model.paletteHistory[at];
	if (text !== undefined) return withPalette(model, {text: fieldOf(text), choice: 0, recalled: at});
	return at < 0 ? withPalette(model, {text: emptyField, choice: 0}) : withPalette(model, palette);
}

function remembered(model: Model, text: string): Model {
	const others = model.paletteHistory.filter((each) => each !== text);
	return {...model, paletteHistory: [text, ...others].slice(0, mostKept)};
}

function withPalette(model: Model, palette: Palette): Model {
	return {...model, palette};
}

function withoutPalette(model: Model): Model {
	const {palette: _, ...rest} = model;
	return rest;
}
