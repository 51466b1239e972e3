import {render} from 'ink';
import type {Terminal} from '../commands/terminal.ts';
import type {Theme} from '../theme.ts';
import {App} from './app.tsx';
import type {Controls, Store} from './store.ts';

/**
 * Draws the store on a terminal until the program is told to end; answers the exit status once
 * the terminal is as it was before.
 */
export async function draw(
	store: Store,
	{stdin, stdout, stderr}: Terminal,
	theme: Theme,
	onReady: (controls: Controls) => void,
): Promise<number> {
	const ink = render(<App store={store} theme={theme} onReady={onReady} />, {
		stdin,
		stdout,
		stderr,
		// Ink would take a terminal with CI in its environment for none, and stay blank.
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
