import {pastedKey, type PastedKey, prefixesOf} from '../api-keys/pasted.ts';
import {openLeakedKey} from '../screens/keys/leaked/open.ts';
import {keysSpec} from '../screens/keys/list/spec.ts';
import {applyFilter} from '../screens/kinds/list/filtering.ts';
import {kindOf} from './kinds.ts';
import type {Model, Step} from './model.ts';
import {top} from './navigation.ts';
import {isTable} from './screens.ts';

/* A key that is pasted or typed where names are looked for: it is taken out before anything keeps it. */

/** The key in what is pasted, where that is no text of a form. */
export function keyInPaste(model: Model, text: string): PastedKey | undefined {
	const screen = top(model);
	const isText = kindOf(screen).typing(screen) && searchOf(model) === undefined;
	return model.me === undefined || isText ? undefined : keyIn(model, text);
}

/** What was typed is more of a key than lists show: the rest is typed where it is masked. */
export function takeTyped(step: Step, now: number): Step {
	const [model, ...effects] = step;
	const typed = searchOf(model);
	const secret = typed === undefined ? undefined : keyIn(model, typed);
	if (secret === undefined) return step;
	const [next, ...more] = openKey(model, secret, now);
	// A search for what was typed would tell it in an address.
	const others = effects.filter(({do: what}) => what !== 'searchKeys');
	return [next, ...others, ...more];
}

/** Shows what is known of a key, on top of a list of keys that is narrowed to its beginning. */
export function openKey(model: Model, secret: PastedKey, now: number): Step {
	const {palette: _, help: _help, ...rest} = model;
	const [still, ...effects] = withoutFilter(rest, secret, now);
	const [next, ...more] = openLeakedKey(still, secret);
	return [next, ...effects, ...more];
}

function withoutFilter(model: Model, secret: PastedKey, now: number): Step {
	const screen = top(model);
	if (screen.type === 'keys') return applyFilter(model, keysSpec, secret.hint, now);
	if (!isTable(screen) || !screen.filter.open) return [model];
	return kindOf(screen).onKey(model, screen, 'escape', now) ?? [model];
}

/** What is typed where names are looked for. */
function searchOf(model: Model): string | undefined {
	if (model.help?.search !== undefined) return model.help.search.value;
	if (model.palette !== undefined) return model.palette.text.value;
	const screen = top(model);
	return isTable(screen) && screen.filter.open ? screen.filter.text.value : undefined;
}

function keyIn({keys}: Model, text: string): PastedKey | undefined {
	return pastedKey(text, prefixesOf(keys.items));
}
