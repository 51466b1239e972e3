import type {Effect, Event} from './effect.ts';
import {looksSame} from './looks.ts';
import type {Model} from './model.ts';
import {update} from './update.ts';

/** What only the running Ink app can do: exit, repaint everything, suspend to the shell. */
export type Controls = {
	exit: (status: number) => void;
	repaint: () => void;
	suspend: () => void;
};

export type Store = {
	get: () => Model;
	/** Hears of each new model that looks different; answers how to stop. */
	subscribe: (listener: () => void) => () => void;
	send: (event: Event) => void;
};

/** Holds the model; events are taken one at a time, each against the model the last one left. */
export function createStore(
	initial: Model,
	now: () => number,
	perform: (effect: Effect, emit: (event: Event) => void) => void,
): Store {
	let model = initial;
	const listeners = new Set<() => void>();
	const send = (event: Event) => {
		const [next, ...effects] = update(model, event, now());
		const isNews = next !== model && !looksSame(model, next);
		model = next;
		if (isNews) for (const listener of listeners) listener();
		for (const effect of effects) perform(effect, send);
	};
	return {
		get: () => model,
		subscribe(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		send,
	};
}
