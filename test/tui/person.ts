import {mkdtempSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import type {ExecutionContext} from 'ava';
import {main} from '../../tui/main.ts';
import {administrator} from '../helpers/appliance.ts';
import {eventually} from '../helpers/program.ts';
import {createScreen, type Screen} from './screen.ts';

export type Opened = Screen & {exit: Promise<number>};

export type Options = {
	url: string;
	argv?: readonly string[];
	columns?: number;
	rows?: number;
	env?: Record<string, string>;
};

/** Opens the console on an emulated terminal, with a home of its own; closed with the test. */
export function openConsole(t: ExecutionContext, options: Options): Opened {
	const screen = createScreen(options.columns, options.rows);
	const home = mkdtempSync(path.join(os.tmpdir(), 'latchkey-home-'));
	const environment = {
		HOME: home,
		LATCHKEY_URL: options.url,
		LATCHKEY_DATA_DIR: home,
		...options.env,
	};
	const exit = main(options.argv ?? [], environment, screen.streams);
	t.teardown(async () => {
		// Whatever the test left open: a Ctrl-C may be asked for twice.
		screen.press('ctrl-c', 'ctrl-c');
		await exit;
		screen.close();
	});
	return {...screen, exit};
}

export async function logIn(
	screen: Screen,
	who: {email: string; password: string} = administrator,
): Promise<void> {
	await screen.shows('Log in to');
	screen.type(who.email);
	screen.press('enter');
	await screen.shows(/> +Password/);
	screen.type(who.password);
	screen.press('enter');
	await screen.shows(/[›>] keys .*live/);
}

/** Waits until the cursor is on a row, pressing a key as often as it takes. */
export async function moveTo(screen: Screen, name: string): Promise<void> {
	const cursor = () => /^▌.*$/m.exec(screen.text())?.[0] ?? '';
	const isThere = () => new RegExp(`^▌[ ✓]{1,2}${name} `, 'm').test(screen.text());
	await screen.settled();
	if (!isThere()) screen.press('g');
	await eventually(
		async () => {
			await screen.settled();
			if (isThere()) return true;
			const before = cursor();
			// From the last row on, again from the first one: a key may have come before the rows.
			screen.press(/row (\d+) of \1\b/.test(screen.text()) ? 'g' : 'j');
			await moved(screen, () => cursor() !== before);
			return false;
		},
		{what: `the cursor on ${name}\n${screen.text()}`},
	);
}

/** Waits for a key to be drawn: one more would lead on from where the cursor is seen. It may do nothing. */
async function moved(screen: Screen, isSeen: () => boolean): Promise<void> {
	const until = performance.now() + 1000;
	while (!isSeen() && performance.now() < until) {
		await delay(5);
		await screen.settled();
	}
}

/** Says yes to a question, and waits until it has closed. */
export async function sayYes(screen: Screen): Promise<void> {
	await pressYes(screen);
	await screen.hides('(enter is no)');
}

/** Says no to a question, once it listens, and waits until it has closed. */
export async function sayNo(screen: Screen): Promise<void> {
	await screen.shows('(enter is no)');
	await eventually(async () => {
		screen.press('escape');
		await screen.settled();
		return !screen.text().includes('(enter is no)');
	});
}

/** Says yes to a question, once it listens: it is gone then, waits, or says what is wrong. */
export async function pressYes(screen: Screen): Promise<void> {
	await screen.shows('(enter is no)');
	await eventually(async () => {
		screen.press('y');
		await screen.settled();
		return !screen.text().includes('(enter is no)') || /\w …| ! /.test(screen.text());
	});
}

/** Types the word that a question asks for, once it listens, and presses the button that then has the mark. */
export async function typeWord(screen: Screen, word: string, verb: string): Promise<void> {
	await screen.shows('type first');
	await eventually(async () => {
		screen.type('i');
		await screen.settled();
		return /> i+/.test(screen.text());
	});
	screen.press('\u0015');
	screen.type(word);
	await screen.shows(`[ ${verb} ]`);
	screen.press('enter');
}

/** A secret that is shown once: read off the screen, then left by its last characters. */
export async function readSecret(screen: Screen, prefix: string): Promise<string> {
	await screen.shows('only time it is');
	const [secret = ''] = new RegExp(`^${prefix}\\S+$`, 'm').exec(screen.text()) ?? [];
	screen.press('enter');
	await screen.shows('last 4 characters');
	screen.type(secret.slice(-4));
	await screen.hides('last 4 characters');
	return secret;
}
