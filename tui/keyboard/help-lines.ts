import {keyLabel} from './key-names.ts';
import {bindings, type Context} from './keymap.ts';

/** Every key of a screen, made from the keymap: what help says is what the keys do. */
export function helpLines(contexts: readonly Context[]): [keys: string, help: string][] {
	const taken = new Set<string>();
	return contexts.flatMap((context) =>
		bindings(context).flatMap(([, {keys, help}]): [string, string][] => {
			// A nearer context has this key already.
			const free = keys.filter((key) => !taken.has(key));
			for (const key of free) taken.add(key);
			return free.length === 0 ? [] : [[free.map(keyLabel).join(' '), help]];
		}),
	);
}

/** How `count` lines of help lie on a screen of this size: in as many columns as are needed. */
export function helpLayout(count: number, columns: number, rows: number) {
	const room = Math.max(1, rows - 4);
	const wanted = Math.min(Math.ceil(count / room), Math.floor(columns / 38));
	const sideBySide = Math.max(1, wanted);
	const perColumn = Math.ceil(count / sideBySide);
	return {room, sideBySide, perColumn, lastOffset: Math.max(0, perColumn - room)};
}
