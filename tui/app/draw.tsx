import {render} from 'ink';
import type {Terminal} from '../terminal/terminal.ts';
import type {Theme} from '../theme.ts';
import type {ThemeName} from '../theme-name.ts';
import {App} from './app.tsx';
import {loadViews} from './on-screens.ts';
import type {Controls, Store} from './store.ts';

/**
 * Draws the store on a terminal until the program is told to end; answers the exit status once
 * the terminal is as it was before.
 */
export async function draw(
	store: Store,
	{stdin, stdout, stderr}: Terminal,
	themeOf: (name: ThemeName) => Theme,
	onReady: (controls: Controls) => void,
): Promise<number> {
	const views = await loadViews();
	const ink = render(<App store={store} views={views} themeOf={themeOf} onReady={onReady} />, {
		stdin,
		stdout,
		stderr,
		// With CI in the environment Ink would think that there is no terminal, and stay blank.
		interactive: true,
		alternateScreen: true,
		incrementalRendering: true,
		// A single key is painted within a frame; at 30 it would wait up to 33 ms for its turn.
		maxFps: 60,
		exitOnCtrlC: false,
		patchConsole: false,
	});
	const status = await ink.waitUntilExit();
	return typeof status === 'number' ? status : 0;
}
