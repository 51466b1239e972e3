import {mkdtemp} from 'node:fs/promises';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {testServices} from '../helpers/environment.ts';
import {administrator, createAppliance, type Appliance, type Server} from '../helpers/appliance.ts';
import {startOnPty, type OnPty} from '../helpers/pty.ts';

/*
The console as its own process on a real pseudo-terminal, under a shell: however it ends, the
terminal is as it was before, and no key is left on it.
*/

const entry = path.join(import.meta.dirname, '..', '..', 'deploy', 'latchkey.js');
const ctrlC = '\u0003';

let appliance: Appliance;
let server: Server;

test.before(async () => {
	appliance = await createAppliance();
	server = await appliance.startServer();
});

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
	await screen.shows(/> +Expires/);
	screen.type('\r');
	await screen.shows('only time it is shown');
	const [key] = /^hklst_\w+$/m.exec(screen.text()) ?? [];
	if (key === undefined) throw new Error('no key is shown');
	return key;
}

test('quit with q', async (t) => {
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

test('Ctrl-C while no server answers', async (t) => {
	const screen = await open(t, {url: 'http://127.0.0.1:1'});
	await screen.shows('Nothing listens there');
	screen.type(ctrlC);
	await screen.ends(130);
});

test('a key is on the terminal while it is shown, and nowhere after Ctrl-C, twice', async (t) => {
	const screen = await open(t);
	await logIn(screen);
	const key = await reveal(screen, 'left by Ctrl-C');
	screen.type(ctrlC);
	await screen.shows('Ctrl-C once more quits');
	screen.type(ctrlC);
	const left = await screen.ends(130);
	t.false(left.includes(key.slice(0, 12)));
});

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

test('SIGTERM before anything is drawn', async (t) => {
	const screen = await open(t);
	process.kill(await screen.console(), 'SIGTERM');
	await screen.ends(143);
});

test('an error while drawing ends it with its message, and a clean terminal', async (t) => {
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

test('an error out of nowhere while a key is shown ends it with a clean terminal', async (t) => {
	const screen = await open(t);
	await logIn(screen);
	const key = await reveal(screen, 'broken');
	process.kill(await screen.console(), 'SIGUSR1');
	const left = await screen.ends(1);
	t.regex(left, /broken in between/);
	t.false(left.includes(key.slice(0, 12)));
});

test('a terminal that is resized again and again shows what it would have shown', async (t) => {
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
	await screen.shows('Keys of keys');
	screen.type('\u001B');
	await screen.hides('Keys of keys');
	screen.type('q');
	await screen.ends(0);
});
