import type {Model} from '../model.ts';
import {
	actionEntries,
	bareName,
	filteredEntry,
	keyEntry,
	organisationEntries,
	type PaletteEntry,
	screenEntries,
	thingEntries,
} from './entries.ts';

export type Palette = NonNullable<Model['palette']>;

/** As many keys are named; the list has the others. */
const mostKeys = 50;

/** What matches what was typed, the best first: that which it is, begins with it, or has it somewhere. */
export function paletteMatches(model: Model, palette: Palette): PaletteEntry[] {
	const typed = palette.text.value.trimStart();
	const wanted = typed.trim().toLowerCase();
	const screens = screenEntries();
	const actions = actionEntries(model);
	if (wanted === '') return [...screens, ...actions, ...organisationEntries(model)];
	const filtered = filteredEntry(typed);
	const words = wanted.split(/\s+/u);
	const has = (text: string) => words.every((word) => text.includes(word));
	const keys = keysOf(model, palette)
		.filter(({name, id, hint}) => has(`key ${name} ${id} ${hint}`.toLowerCase()))
		.slice(0, mostKeys)
		.map((key) => keyEntry(key, model.now));
	const before = [...screens, ...organisationEntries(model)].filter(({name}) =>
		has(name.toLowerCase()),
	);
	const behind = [...thingEntries(model), ...actions].filter(({name}) => has(name.toLowerCase()));
	const all = new Map([...before, ...keys, ...behind].map((entry) => [entry.id, entry]));
	const sorted = [...all.values()].toSorted((a, b) => rank(a, wanted) - rank(b, wanted));
	if (filtered === undefined) return sorted;
	const [first] = sorted;
	const isNamed = first !== undefined && rank(first, wanted) === 0;
	return isNamed ? [first, filtered, ...sorted.slice(1)] : [filtered, ...sorted];
}

/** Where not all keys are here, those that the server found. */
function keysOf({keys}: Model, {found}: Palette) {
	return keys.status === 'ready' ? keys.items : [...keys.items, ...(found?.keys ?? [])];
}

/** By the whole name, and by the name without what it is a name of. */
function rank({id, name}: PaletteEntry, wanted: string): number {
	const lower = name.toLowerCase();
	const bare = bareName(lower);
	if (wanted === lower || wanted === bare || wanted === id) return 0;
	return lower.startsWith(wanted) || bare.startsWith(wanted) ? 1 : 2;
}
