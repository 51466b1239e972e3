import {keymap} from '../../../keyboard/keymap.ts';
import {bodyRows, setTop} from '../../../app/navigation.ts';
import type {Screen} from '../../../app/screens.ts';
import type {ScreenKind} from '../../../app/screen-kind.ts';
import {scrolled} from '../../../components/scroll.ts';
import {commandFor, type Context} from '../../../keyboard/keymap.ts';
import {pageLayout, pageLines} from './layout.ts';
import type {PageScreen, PageSpec} from './spec.ts';

/** How a screen that is text behaves. */
export function pageKind<S extends PageScreen, C extends Context>(
	spec: PageSpec<S, C>,
): ScreenKind<S> {
	const {context, lines, halves, run, ...rest} = spec;
	const text = {lines, ...(halves === undefined ? {} : {halves})};
	const contexts = [context, keymap.list, keymap.back, keymap.screens, keymap.everywhere] as const;
	return {
		...rest,
		contexts: () => contexts,
		typing: () => false,
		view: async () => (await import('./page.tsx')).pageView(text),
		onKey(model, screen, key, now) {
			const own = commandFor([context], key);
			if (own !== undefined) return run(model, screen, own, now);
			const command = commandFor([keymap.list], key);
			if (command === undefined) return undefined;
			const {length} = pageLines(text, screen, model, model.size.columns);
			const layout = pageLayout(length, bodyRows(model));
			// After the text became shorter, or the screen longer, it is at its end.
			const from = Math.min(screen.offset, layout.lastOffset);
			const offset = scrolled(from, command, layout);
			return [setTop(model, {...screen, offset} as Screen)];
		},
	};
}
