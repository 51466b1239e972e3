import type {ExecutionContext} from 'ava';
import {draw} from '../../tui/app/draw.tsx';
import type {Model} from '../../tui/app/model.ts';
import {createStore} from '../../tui/app/store.ts';
import type {Environment} from '../../tui/settings/environment.ts';
import {themeFor} from '../../tui/theme.ts';
import {createScreen, type Screen} from './screen.ts';

/** A model on a terminal, without a server: what would be asked of one is dropped. */
export async function drawn(
	t: ExecutionContext,
	model: Model,
	environment: Environment = {},
): Promise<Screen & {show: (next: Model) => Promise<string>}> {
	const {columns, rows} = model.size;
	const screen = createScreen(columns, rows);
	let shown = model;
	let count = 0;
	const listeners = new Set<() => void>();
	const store = {
		...createStore(
			model,
			() => model.now,
			() => {},
		),
		get: () => shown,
		subscribe(listener: () => void) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
	};
	const {promise: ready, resolve} = Promise.withResolvers<() => void>();
	const ended = draw(
		store,
		screen.streams,
		(name) => themeFor(environment, name),
		({exit}) => resolve(() => exit(0)),
	);
	const exit = await ready;
	t.teardown(async () => {
		exit();
		await ended;
		screen.close();
	});
	return {
		...screen,
		show(next) {
			// What is said at the bottom tells that it is this one that is drawn.
			const text = `drawn ${++count}`;
			shown = {...next, notice: {text, tone: 'plain', until: Number.POSITIVE_INFINITY}};
			for (const listener of listeners) listener();
			return screen.shows(text);
		},
	};
}
