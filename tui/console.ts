import {perform} from './app/perform.ts';
import type {EffectContext} from './app/performing/performer.ts';
import {initialModel, type Model} from './app/model.ts';
import {type Controls, createStore, type Store} from './app/store.ts';
import {createClient} from './client/client.ts';
import type {Terminal} from './terminal/terminal.ts';
import {clipboardOf, copySequence} from './terminal/clipboard.ts';
import {Failure} from './failure.ts';
import {createSession} from './session/session.ts';
import {type Environment, isReadOnly} from './settings/environment.ts';
import {keptTheme, rememberTheme} from './settings/remember.ts';
import {resolveSettings, type Target} from './settings/settings.ts';
import {findSetupToken} from './settings/setup-token.ts';
import {shownSettings} from './settings/shown.ts';
import {themeFor} from './theme.ts';
import {type ThemeName, themeNamed} from './theme-name.ts';

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
	if (settings.machine !== undefined) {
		throw new Failure(
			'usage',
			'LATCHKEY_CLIENT_ID is set: a service account has commands, no console',
		);
	}
	const session = createSession(settings.credentials, {now});
	const client = createClient({url: settings.url, session, caFile: settings.caFile});

	const clipboard = clipboardOf(environment);
	let controls: Controls = {exit: () => {}, repaint: () => {}, suspend: () => {}};
	const context: EffectContext = {
		client,
		session,
		home: settings.organisation,
		findSetupToken: () => findSetupToken(environment),
		copy: (text) => terminal.stdout.write(copySequence(text, clipboard)),
		keepTheme: (theme) => rememberTheme(theme, environment),
		repaint: () => controls.repaint(),
		suspend: () => controls.suspend(),
		quit: (status) => controls.exit(status),
		folder: process.cwd(),
		now,
	};
	const store = createStore(
		{
			...initialModel(
				settings.url.origin,
				sizeOf(terminal),
				now(),
				isReadOnly(environment),
				shownSettings(settings, environment),
				settings.organisation,
			),
			theme: themeNamed(environment) ?? keptTheme(environment) ?? 'default',
			clipboard,
		},
		now,
		(effect, emit) => void perform(effect, context, emit),
	);

	// Asked before Ink is loaded, which takes longer than the answer: then the first frame is one of rows.
	void perform({do: 'probe'}, context, store.send);
	// Before Ink's own listener, so that its first frame after a resize has the new size.
	const onResize = () => store.send({type: 'resized', ...sizeOf(terminal)});
	terminal.stdout.on('resize', onResize);
	const repainting = repaintWhenStill(() => controls.repaint());
	process.on('SIGWINCH', repainting.onSignal);
	const ticking = setInterval(() => store.send({type: 'tick'}), 1000);
	try {
		await until(store, hasAnswer, toAnswer);
		const {draw} = await import('./app/draw.tsx');
		await until(store, hasRead, toRead);
		const themeOf = (name: ThemeName) => themeFor(environment, name);
		return await draw(store, terminal, themeOf, (ready) => {
			controls = ready;
		});
	} finally {
		clearInterval(ticking);
		terminal.stdout.off('resize', onResize);
		process.off('SIGWINCH', repainting.onSignal);
		repainting.stop();
		client.close();
	}
}

/** How long a server nearby may take, ms, before something is drawn without it: nobody sees that it was waited for. */
const toAnswer = 40;
const toRead = 20;

function hasAnswer({screens, link}: Model): boolean {
	return screens[0]?.type !== 'connect' || link.state === 'offline';
}

function hasRead({keys}: Model): boolean {
	return !keys.loading || keys.status !== 'none';
}

/** Waits for something to become known, but not longer than `atMost` ms. */
async function until(
	{get, subscribe}: Store,
	isKnown: (model: Model) => boolean,
	atMost: number,
): Promise<void> {
	if (isKnown(get())) return;
	const {promise, resolve} = Promise.withResolvers<void>();
	const timer = setTimeout(resolve, atMost);
	const stop = subscribe(() => {
		if (isKnown(get())) resolve();
	});
	await promise;
	stop();
	clearTimeout(timer);
}

/** The end of a window's being dragged. */
const stillFor = 50;

/**
 * Paints everything anew once the window keeps its size. In between a terminal cuts and breaks lines
 * by itself, and where it is back at the old size when we look, no `resize` tells of it.
 */
function repaintWhenStill(repaint: () => void): {onSignal: () => void; stop: () => void} {
	let timer: NodeJS.Timeout | undefined;
	const stop = () => clearTimeout(timer);
	return {
		stop,
		onSignal() {
			stop();
			timer = setTimeout(repaint, stillFor);
		},
	};
}

/** Some terminals say 0x0 until their first resize. */
function sizeOf({stdout}: Terminal): {columns: number; rows: number} {
	return {columns: stdout.columns || 80, rows: stdout.rows || 24};
}
