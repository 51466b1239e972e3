import {render} from 'ink';
import {App} from './app/app.tsx';
import {perform, type Surroundings} from './app/effects.ts';
import {initialModel} from './app/model.ts';
import {createStore} from './app/store.ts';
import {createClient} from './client.ts';
import type {Terminal} from './commands/terminal.ts';
import {copySequence} from './clipboard.ts';
import {createSession} from './session/session.ts';
import {type Environment, findSetupToken, resolveSettings, type Target} from './settings.ts';
import {themeFor} from './theme.ts';

export type ConsoleOptions = {
	target: Target;
	environment: Environment;
	terminal: Terminal;
	/** Ms since the epoch. */
	now?: () => number;
};

/**
 * Opens the console on a terminal and answers the exit status once it is closed and the terminal
 * is as it was.
 *
 * @throws {Failure} usage, when the settings are wrong; before the screen is touched.
 */
export async function openConsole(options: ConsoleOptions): Promise<number> {
	const {target, environment, terminal, now = Date.now} = options;
	const settings = resolveSettings(target, environment, 'if possible');
	const session = createSession(settings.keeping, now);
	const client = createClient({url: settings.url, session, caFile: settings.caFile});

	let controls = {exit: (_status: number) => {}, repaint: () => {}};
	const surroundings: Surroundings = {
		client,
		session,
		findSetupToken: () => findSetupToken(environment),
		copy: (text) => terminal.stdout.write(copySequence(text, environment)),
		repaint: () => controls.repaint(),
		quit: (status) => controls.exit(status),
		now,
	};
	const store = createStore(
		initialModel(settings.url.origin, sizeOf(terminal), now()),
		now,
		(effect, emit) => void perform(effect, surroundings, emit),
	);

	// Before Ink's own listener, so that its first frame after a resize has the new size.
	const onResize = () => store.send({type: 'resized', ...sizeOf(terminal)});
	terminal.stdout.on('resize', onResize);
	const app = (
		<App
			store={store}
			theme={themeFor(environment)}
			onReady={(ready) => {
				controls = ready;
			}}
		/>
	);
	const ink = render(app, {
		stdin: terminal.stdin,
		stdout: terminal.stdout,
		stderr: terminal.stderr,
		// Ink would take a terminal with CI in its environment for none, and stay blank.
		interactive: true,
		alternateScreen: true,
		incrementalRendering: true,
		exitOnCtrlC: false,
		patchConsole: false,
	});
	const ticking = setInterval(() => store.send({type: 'tick'}), 1000);
	void perform({do: 'probe'}, surroundings, store.send);
	try {
		const status = await ink.waitUntilExit();
		return typeof status === 'number' ? status : 0;
	} finally {
		clearInterval(ticking);
		terminal.stdout.off('resize', onResize);
		client.close();
	}
}

/** Some terminals say 0x0 until their first resize. */
function sizeOf({stdout}: Terminal): {columns: number; rows: number} {
	return {columns: stdout.columns || 80, rows: stdout.rows || 24};
}
