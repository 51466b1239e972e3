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

/** Nobody reads a question faster. */
const read = 300;

/** Whether a question is on the screen. */
export function isAsked(screen: Screen): boolean {
	return /\besc Cancel|\[ Cancel \]| Cancel {2}/.test(screen.text());
}

/** Waits for a question, and until it listens: it does not before it can have been read. */
export async function question(screen: Screen): Promise<void> {
	await eventually(() => isAsked(screen), {what: `a question\n${screen.text()}`});
	await delay(read);
}

/** Waits until the console listens again: after what it refused it does not, for a moment. */
export async function listens(): Promise<void> {
	await delay(1100);
}

/** Agrees to a question, with the word it asks for, and waits until it has closed. */
export async function sayYes(screen: Screen): Promise<void> {
	await pressYes(screen);
	await eventually(() => !isAsked(screen), {what: `the question to close\n${screen.text()}`});
}

/** Says no to a question, and waits until it has closed. */
export async function sayNo(screen: Screen): Promise<void> {
	await question(screen);
	screen.press('escape');
	await eventually(() => !isAsked(screen), {what: `the question to close\n${screen.text()}`});
}

/** Agrees to a question: it is gone then, waits, or says what is wrong. */
export async function pressYes(screen: Screen): Promise<void> {
	await question(screen);
	const [, word] = /\bTo [^│\n]*, type ([^│\n]+?) *(?:\([^)]*\) *)?│?$/m.exec(screen.text()) ?? [];
	if (word !== undefined) {
		await eventually(
			async () => {
				await delay(read);
				screen.press('\u0015');
				screen.type(word);
				await delay(50);
				await screen.settled();
				return screen.text().includes(`> ${word}`);
			},
			{what: `${word} to be typed\n${screen.text()}`},
		);
	}
	await eventually(
		async () => {
			await delay(read);
			screen.press('enter');
			await delay(50);
			await screen.settled();
			return !isAsked(screen) || /\w …| ! /.test(screen.text());
		},
		{what: `the question to be answered\n${screen.text()}`},
	);
}

/** Types the word that a question asks for, once it listens, and presses the button that then has the mark. */
export async function typeWord(screen: Screen, word: string, verb: string): Promise<void> {
	await screen.shows('type first');
	await eventually(async () => {
		await delay(read);
		screen.press('\u0015');
		screen.type(word);
		await delay(50);
		await screen.settled();
		return screen.text().includes(`[ ${verb} ]`);
	});
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
