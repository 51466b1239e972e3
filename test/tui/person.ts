import {mkdtempSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
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
	await screen.shows(/› keys .*live/);
}

/** Waits until the cursor is on a row, pressing `key` as often as it takes. */
export async function moveTo(screen: Screen, name: string): Promise<void> {
	screen.press('g');
	await eventually(
		async () => {
			await screen.settled();
			if (new RegExp(`^▌ ${name} `, 'm').test(screen.text())) return true;
			screen.press('j');
			return false;
		},
		{what: `the cursor on ${name}\n${screen.text()}`},
	);
}
