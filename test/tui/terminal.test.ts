import {mkdtemp} from 'node:fs/promises';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {testServices} from '../helpers/environment.ts';
import {administrator} from '../helpers/appliance.ts';
import {openServer} from '../helpers/opening.ts';
import {startOnPty, type OnPty} from '../helpers/pty.ts';
import {everyTerm} from '../../tui/api-keys/terms.ts';

/*
The console as its own process on a real pseudo-terminal, under a shell: however it ends, the
terminal is as it was before, and no key is left on it.
*/

const entry = path.join(import.meta.dirname, '..', '..', 'bundle', 'latchkey.js');
const ctrlC = '\u0003';

const {appliance, server} = await openServer();

test.after.always(() => appliance.stop());

/** What a shell shows after the console: its exit status, and the modes of the terminal. */
const shell = `trap : INT; "$@"; echo "status $?"; stty -a; echo "that is all"`;

/**
 * Tells that Node is there, and makes it throw on demand: SIGUSR2 from the next drawing of a clock,
 * SIGUSR1 from nowhere.
 */
const sabotage = `data:text/javascript,${encodeURIComponent(`
	process.stdout.write('process ' + process.pid + '\\n');
	process.on('SIGUSR2', () => {
		Date.prototype.getHours = () => { throw new Error('broken while drawing'); };
	});
	process.on('SIGUSR1', () => setImmediate(() => { throw new Error('broken in between'); }));
`)}`;

type UnderShell = OnPty & {
	/** The process of the console itself. */
	console: () => Promise<number>;
	/** Waits for its end, and asserts that the terminal is clean. @returns what the shell shows */
	ends: (status: number) => Promise<string>;
};

async function open(
	t: ExecutionContext,
	{url = server.url, home = ''}: {url?: string; home?: string} = {},
): Promise<UnderShell> {
	const folder = home === '' ? await makeHome() : home;
	const node = [process.execPath, '--import', sabotage, entry];
	const screen = startOnPty('/bin/sh', ['-c', shell, 'sh', ...node], {
		env: {
			PATH: process.env['PATH'] ?? '',
			HOME: folder,
			LATCHKEY_URL: url,
			LATCHKEY_DATA_DIR: folder,
		},
	});
	const pid = () => /^process (\d+)$/m.exec(screen.scrollback())?.[1];
	t.teardown(async () => {
		if (!screen.hasExited()) screen.kill('SIGHUP');
		await screen.exited;
		screen.close();
	});
	return {
		...screen,
		async console() {
			await screen.until('started', () => pid() !== undefined);
			return Number(pid());
		},
		async ends(status) {
			await screen.exited;
			const left = screen.scrollback();
			const shown = /status (\d+)\n([^]*)that is all/.exec(left);
			t.is(shown?.[1], String(status), left);
			// Keys are lines again, and echoed; Ctrl-C is a signal.
			for (const mode of ['icanon', 'echo', 'isig', 'icrnl', 'opost']) {
				t.regex(shown?.[2] ?? '', new RegExp(`(?:^|\\s)${mode}\\b`), mode);
			}
			t.false(screen.alternate(), 'the normal screen');
			t.deepEqual(screen.modes(), [], 'modes of the terminal');
			t.notRegex(left, /hklst_\w{20}/);
			return left;
		},
	};
}

const makeHome = () => mkdtemp(path.join(testServices().directory, 'home-'));

async function logIn(screen: OnPty): Promise<void> {
	await screen.shows('Log in to');
	screen.type(`${administrator.email}\r`);
	await screen.shows(/> +Password/);
	screen.type(`${administrator.password}\r`);
	await screen.shows(/› keys .*live/);
}

/** As far as the one screen that shows a key. @returns the key */
async function reveal(screen: OnPty, name: string): Promise<string> {
	screen.type('n');
	await screen.shows('A new API key');
	screen.type(`${name}\r`);
	await screen.shows(/> +Description/);
	screen.type('\r'.repeat(everyTerm.length));
	await screen.shows('only time it is shown');
	const [key] = /^hklst_\w+$/m.exec(screen.text()) ?? [];
	if (key === undefined) throw new Error('no key is shown');
	return key;
}

test.serial('quit with q', async (t) => {
	const screen = await open(t);
	await logIn(screen);
	t.true(screen.alternate());
	screen.type('q');
	await screen.ends(0);
});

for (const [where, reach] of [
	['before anything is drawn', async (screen: UnderShell) => void (await screen.console())],
	[
		'as soon as the screen is switched',
		async (screen: UnderShell) => {
			await screen.until('switched', screen.alternate);
		},
	],
	['at the log-in', (screen: UnderShell) => screen.shows('Log in to')],
	['in the list', logIn],
] as const) {
	test(`Ctrl-C ${where}`, async (t) => {
		const screen = await open(t);
		await reach(screen);
		screen.type(ctrlC);
		await screen.ends(130);
	});
}

test.serial('Ctrl-C while no server answers', async (t) => {
	const screen = await open(t, {url: 'http://127.0.0.1:1'});
	await screen.shows('Nothing listens there');
	screen.type(ctrlC);
	await screen.ends(130);
});

test.serial(
	'a key is on the terminal while it is shown, and nowhere after Ctrl-C, twice',
	async (t) => {
		const screen = await open(t);
		await logIn(screen);
		const key = await reveal(screen, 'left by Ctrl-C');
		screen.type(ctrlC);
		await screen.shows('Ctrl-C once more quits');
		screen.type(ctrlC);
		const left = await screen.ends(130);
		t.false(left.includes(key.slice(0, 12)));
	},
);

for (const [signal, status] of [
	['SIGTERM', 143],
	['SIGINT', 130],
	['SIGHUP', 129],
	['SIGQUIT', 131],
] as const) {
	test(`${signal} while a key is shown`, async (t) => {
		const screen = await open(t);
		await logIn(screen);
		const key = await reveal(screen, signal);
		process.kill(await screen.console(), signal);
		const left = await screen.ends(status);
		t.false(left.includes(key.slice(0, 12)));
	});
}

test.serial('SIGTERM before anything is drawn', async (t) => {
	const screen = await open(t);
	process.kill(await screen.console(), 'SIGTERM');
	await screen.ends(143);
});

test.serial('an error while drawing ends it with its message, and a clean terminal', async (t) => {
	const screen = await open(t);
	await logIn(screen);
	const key = await reveal(screen, 'broken');
	screen.type('\r');
	await screen.shows('last 4 characters');
	process.kill(await screen.console(), 'SIGUSR2');
	// The list shows when it was read.
	screen.type(key.slice(-4));
	const left = await screen.ends(1);
	t.regex(left, /broken while drawing/);
	t.false(left.includes(key.slice(0, 12)));
});

test.serial(
	'an error out of nowhere while a key is shown ends it with a clean terminal',
	async (t) => {
		const screen = await open(t);
		await logIn(screen);
		const key = await reveal(screen, 'broken');
		process.kill(await screen.console(), 'SIGUSR1');
		const left = await screen.ends(1);
		t.regex(left, /broken in between/);
		t.false(left.includes(key.slice(0, 12)));
	},
);

test.serial(
	'a terminal that is resized again and again shows what it would have shown',
	async (t) => {
		const screen = await open(t);
		await logIn(screen);
		for (const [columns, rows] of [
			[60, 24],
			[160, 50],
			[61, 16],
			[80, 24],
		] as const) {
			screen.resize(columns, rows);
		}
		await screen.shows(/^ default › keys .*live.*\n/);
		screen.type('?');
		await screen.shows('Keys: keyboard shortcuts');
		screen.type('\u001B');
		await screen.hides('Keys: keyboard shortcuts');
		screen.type('q');
		await screen.ends(0);
	},
);

/** A shell that has jobs, as one types commands into. */
async function interactive(t: ExecutionContext): Promise<OnPty> {
	const home = await makeHome();
	const screen = startOnPty('/bin/bash', ['--norc', '--noprofile', '-i'], {
		env: {
			PATH: process.env['PATH'] ?? '',
			HOME: home,
			PS1: 'shell> ',
			LATCHKEY_URL: server.url,
			LATCHKEY_DATA_DIR: home,
			LATCHKEY: `${process.execPath} ${entry}`,
		},
	});
	t.teardown(async () => {
		if (!screen.hasExited()) screen.kill('SIGKILL');
		await screen.exited;
		screen.close();
	});
	await screen.shows('shell>');
	// Its own mode for pasting, which would be taken for one that was left behind.
	screen.type("bind 'set enable-bracketed-paste off'\r");
	await screen.shows(/shell>.*\s+shell>/);
	return screen;
}

const ctrlZ = '\u001A';

/** The shell asks again, after the text: what is typed before it reads is read by nobody, or by the one that ends. */
const atPrompt = (text: string) => new RegExp(`${text}[^]*shell>\\s*$`);

test.serial(
	'Ctrl-Z gives the terminal back to the shell, and fg brings the console as it was',
	async (t) => {
		const screen = await interactive(t);
		screen.type('$LATCHKEY\r');
		await logIn(screen);
		screen.type(ctrlZ);
		await screen.until('the normal screen', () => !screen.alternate());
		await screen.shows(atPrompt('Stopped'));
		t.deepEqual(screen.modes(), [], 'modes of the terminal');
		screen.type('stty -a | tr " ;" "\\n\\n" | grep -x -e icanon -e echo -e isig | tr "\\n" +\r');
		await screen.shows('isig+icanon+echo+');
		screen.resize(110, 30);
		screen.type('fg\r');
		await screen.until('the other screen', screen.alternate);
		await screen.until('had the new size', () =>
			/^ default › keys .{70,} live/.test(screen.text()),
		);
		screen.type('?');
		await screen.shows('Keys: keyboard shortcuts');
		screen.type('qq');
		await screen.shows(/fg\s+\$LATCHKEY\s+shell> *\s*$/);
		screen.type('echo "it was $?"\r');
		await screen.shows('it was 0');
	},
);

test.serial(
	'a question is asked again after Ctrl-Z, and its line is edited by arrows, Home, End and Delete',
	async (t) => {
		const screen = await interactive(t);
		screen.type(`$LATCHKEY login --email ${administrator.email}\r`);
		await screen.shows('Password');
		screen.type(`Xorrect horse battery stapl${ctrlZ}`);
		await screen.shows(atPrompt('Stopped'));
		screen.type('fg\r');
		await screen.shows(/Stopped[^]*Password/);
		// To the end, back by one arrow of a keypad and one of a terminal, and the first letter anew.
		screen.type('e \u001B[D\u001BOD\u001B[C\u001B[3~');
		screen.type('\u001B[H\u001B[3~c\u001B[F\u001B[5~\u001B[15~\u001B[1;5D\r');
		t.regex(await screen.shows(atPrompt('Logged in to')), /as admin@example\.com\./);
		screen.type('$LATCHKEY --accessible\r');
		await screen.shows(/Number \(required\):/);
		screen.type('kyes\u001B[D\u001B[D\u001B[D\u001B[3~\u001B[Cy');
		await screen.shows('Number (required): keys');
		screen.type('\u001B[F\r');
		// Its commands fill the screen, and the first of them may have left it.
		await screen.shows(/revoke: Revoke API keys[^]*Number \(required\):\s*$/);
		screen.type('quit\r');
		await screen.shows(/quit\s+shell>/);
	},
);

test.serial(
	'a terminal that cannot draw gets the console without a screen, and is told',
	async (t) => {
		const screen = await interactive(t);
		screen.type('TERM=dumb $LATCHKEY\r');
		await screen.shows('TERM=dumb: this terminal cannot draw the console.');
		await screen.shows('Email:');
		t.false(screen.alternate());
		screen.type('\u0004');
		await screen.shows(/Email:\s+shell>/);
	},
);
