import {commandFor} from '../keyboard/keymap.ts';
import {commonCommand, commonContexts} from './common-commands.ts';
import {kindOf} from './kinds.ts';
import type {Model, Step} from './model.ts';
import {top} from './navigation.ts';

/** A key on the screen that is shown: its own, or else what it means everywhere. */
export function press(model: Model, key: string, now: number): Step {
	const screen = top(model);
	const kind = kindOf(screen);
	const own = kind.onKey(model, screen, key, now);
	if (own !== undefined) return own;
	const here = kind.contexts(screen, model);
	const shared = commonContexts.filter((context) => here.includes(context));
	const command = commandFor(shared, key);
	return command === undefined ? [model] : commonCommand(model, command, now);
}
