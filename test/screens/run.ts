import {spawn} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import os from 'node:os';
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {call} from '../helpers/http.ts';
import {eventually} from '../helpers/program.ts';
import {startOnPty, type OnPty} from '../helpers/pty.ts';
import {furnish, type Limited} from './furnish.ts';
import {svgOf} from './svg.ts';

/*
`npm run docs:screens`: the pictures of docs/screens, each of the running console on a real
appliance that was started for it.
*/

const project = path.join(import.meta.dirname, '..', '..', '..');
const latchkey = path.join(project, 'dist', 'bundle', 'latchkey.js');
const start = path.join(project, 'dist', 'bundle', 'start.js');
const pictures = path.join(project, 'docs', 'screens');

const pageDown = '\u001B[6~';
const right = '\u001B[C';
const sendNow = '\u0018';

const email = 'ana@acme.example';
const password = randomBytes(18).toString('base64');

const home = await mkdtemp(path.join(os.tmpdir(), 'latchkey-screens-'));
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const appliance = spawn(process.execPath, [start], {
	env: {
		...process.env,
		LATCHKEY_PORT: String(port),
		LATCHKEY_DATA_DIR: path.join(home, 'data'),
		LATCHKEY_BOOTSTRAP_ADMIN_EMAIL: email,
		LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD: password,
	},
	stdio: ['ignore', 'ignore', 'inherit'],
});
try {
	await eventually(async () => (await call(url, '/readyz')).status === 200, {
		withinMs: 120_000,
		what: 'the appliance to be ready',
	});
	const limited = await furnish(url, {email, password});
	await mkdir(pictures, {recursive: true});
	await narrow(limited);
	await wide();
} finally {
	appliance.kill('SIGTERM');
	await once(appliance, 'exit');
	await rm(home, {recursive: true, force: true});
}

function open(columns: number, rows: number): OnPty {
	return startOnPty(process.execPath, [latchkey], {
		env: {PATH: process.env['PATH'] ?? '', HOME: home, LATCHKEY_URL: url},
		columns,
		rows,
	});
}

async function narrow({name: limited, spend}: Limited): Promise<void> {
	const screen = open(80, 24);
	await screen.shows('Password');
	screen.type(`${email}\r`);
	await taken(screen, 'log-in', 'Log in', /> +Password/);
	screen.type(`${password}\r`);
	await taken(screen, 'keys', 'API keys of an organisation', / ago|just now/);
	await step(screen, '/ingest', 'filter', 'The list, filtered while one types', /^ \/ ingest/m);
	await leave(screen, 'sort created');
	await step(screen, ':mem', 'palette', 'Screens and actions by name', /^ : mem/m);
	await leave(screen, 'sort created');
	await step(screen, '?', 'help', 'Every shortcut of a screen', 'keyboard shortcuts');
	await leave(screen, 'sort created');
	screen.type('n');
	await screen.shows('A new API key');
	screen.type(`mobile-app${pageDown}`);
	await screen.shows(/> +Expires/);
	await step(screen, '90d', 'create', 'A new key, in parts', /in 90d/);
	screen.type(sendNow);
	await screen.shows('only time it is shown');
	const key = /^hklst_\w+$/m.exec(screen.text())?.[0] ?? '';
	await taken(screen, 'reveal', 'A key is shown once', 'only time', (shown) =>
		// What nobody may read again is not in a picture either.
		shown.replaceAll(key, `${key.slice(0, 12)}${'•'.repeat(key.length - 12)}`),
	);
	screen.type('\r');
	await screen.shows('Its last 4 characters');
	screen.type(key.slice(-4));
	await screen.shows('sort created');
	screen.type('/billing-prod\r');
	await screen.shows(/1 match/);
	await step(screen, '\r', 'key', 'All about a key, and its use', /24 hours.* accepted/);
	screen.type('e');
	await screen.shows('Change billing-prod');
	screen.type(`${pageDown}${pageDown}`);
	await screen.shows(/> +Scopes/);
	await step(screen, 'invoices.read', 'edit', 'Changing a key', /Rights +\* changed/);
	await leave(screen, '24 hours');
	screen.type('x');
	await screen.shows('It is in use');
	// A question does not listen before it can have been read.
	await delay(500);
	const leaked = /\[ key_compromise \]/;
	await step(screen, right, 'revoke', 'Revoking a key that is in use, and why', leaked);
	await leave(screen, '24 hours');
	screen.type('d');
	await agree(screen, 'Suspend billing-prod?');
	await taken(
		screen,
		'suspend',
		'A suspended key, and how it is resumed',
		/Suspended billing-prod/,
	);
	screen.type('u');
	await agree(screen, 'Resume billing-prod?');
	await screen.shows('Resumed billing-prod');
	screen.type('H');
	await screen.shows('HOW TO FIX IT');
	await step(screen, 'jj', 'hygiene', 'What is found of the keys of an organisation', /▌ Without/);
	await step(screen, '\r', 'to-mend', 'The keys it is found of', /Fix +change it/);
	for (const [press, name, title, wanted] of [
		['2', 'sources', 'Sources', /› sources.*live/],
		['3', 'organisations', 'Organisations', /› organisations.*live/],
		['4', 'members', 'Members and their roles', /› members.*live/],
		['5', 'audit', 'The audit trail', /› audit.*live/],
		['\r', 'audit-entry', 'An entry of the audit trail', /actor/i],
		['6', 'webhooks', 'Webhook endpoints', /› webhooks.*live/],
		['\r', 'deliveries', 'Deliveries to an endpoint', /▌ .* key\./],
		['7', 'health', 'Health', /live \d+s[\s\S]*PostgreSQL/],
		['8', 'settings', 'Who one is, and where', /settings/],
	] as const) {
		await step(screen, press, name, title, wanted);
	}
	await spend(63);
	await step(screen, '9', 'limited', 'Keys that are being limited', new RegExp(`▌ ${limited}`));
	await step(screen, '\r', 'limits', 'What is left of the limits of a key', /of 500 left/);
	await step(screen, 'v', 'explain', 'Why a key is refused, step by step', /x fail +rate limits/);
	await leave(screen, 'Used now');
	screen.type('e');
	await screen.shows(`Change ${limited}`);
	screen.type(pageDown.repeat(4));
	await step(screen, '', 'limits-form', 'Limits and a quota, in words', />+ Rate limits/);
	await leave(screen, 'Used now');
	screen.type(':shared');
	await screen.shows(/▌ shared limits/);
	await step(screen, '\r', 'shared-limits', 'Limits that keys share', /▌ .* of 500/);
	screen.kill('SIGTERM');
	await screen.exited;
}

async function wide(): Promise<void> {
	const screen = open(160, 40);
	await taken(
		screen,
		'wide',
		'A wide terminal shows all about the key beside the list',
		/AUDIT TRAIL/,
	);
	screen.kill('SIGTERM');
	await screen.exited;
}

async function step(
	screen: OnPty,
	keys: string,
	name: string,
	title: string,
	wanted: RegExp | string,
): Promise<void> {
	screen.type(keys);
	await taken(screen, name, title, wanted);
}

/** Says yes to a question, once it listens. */
async function agree(screen: OnPty, asked: string): Promise<void> {
	await screen.shows(asked);
	await delay(700);
	screen.type('\r');
}

/** Back by Esc, once what is there listens. */
async function leave(screen: OnPty, to: string): Promise<void> {
	// A question does not listen before it can have been read.
	await delay(500);
	screen.type('\u001B');
	await screen.shows(to);
}

/** A picture of what the screen shows once it shows `wanted`. */
async function taken(
	screen: OnPty,
	name: string,
	title: string,
	wanted: RegExp | string,
	masked: (svg: string) => string = (svg) => svg,
): Promise<void> {
	await screen.shows(wanted);
	await screen.settled();
	await writeFile(path.join(pictures, `${name}.svg`), masked(svgOf(screen.cells(), title)));
	console.log(`docs/screens/${name}.svg`);
}

async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	server.close();
	if (address === null || typeof address === 'string') throw new Error('no port');
	return address.port;
}
