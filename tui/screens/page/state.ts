import {commonCommand, commonContexts} from '../../app/common-commands.ts';
import {bodyRows, type Screen, setTop} from '../../app/model.ts';
import type {ScreenKind} from '../../app/screen.ts';
import {scrolled} from '../../components/scroll.ts';
import {
	type AnyCommand,
	belongsTo,
	commandFor,
	type CommandOf,
	type Context,
} from '../../keymap.ts';
import type {PageScreen, PageSpec} from './spec.ts';

/** How a screen that is text behaves. */
export function pageKind<S extends PageScreen, C extends Context>(
	spec: PageSpec<S, C>,
): ScreenKind<S> {
	const contexts = [spec.context, 'list', 'back', 'screens', 'everywhere'] as const;
	const {title, unavailable} = spec;
	return {
		title,
		contexts: () => contexts,
		typing: () => false,
		...(unavailable === undefined ? {} : {unavailable}),
		onKey(model, screen, key, now) {
			const command: AnyCommand | undefined = commandFor(contexts, key);
			if (command === undefined) return [model];
			if (commandFor([spec.context], key) === command) {
				return spec.run(model, screen, command as CommandOf<C>, now);
			}
			if (belongsTo(commonContexts, command)) return commonCommand(model, command, now);
			if (!belongsTo(['list'], command)) return [model];
			const {length} = spec.lines(screen, model, pageWidth(model.size.columns));
			const layout = pageLayout(length, bodyRows(model));
			// After the text became shorter, or the screen longer, it is at its end.
			const from = Math.min(screen.offset, layout.lastOffset);
			const offset = scrolled(from, command, layout);
			return [setTop(model, {...screen, offset} as Screen)];
		},
	};
}

/** No wider than reads well. */
export function pageWidth(columns: number): number {
	return Math.min(columns - 2, 120);
}

/** Lines that fit: the last one of the screen says how many more there are. */
export function pageLayout(lines: number, rows: number): {room: number; lastOffset: number} {
	const room = Math.max(1, rows - 1);
	return {room, lastOffset: Math.max(0, lines - room)};
}
