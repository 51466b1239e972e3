import {spawn} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {mkdtemp, rm} from 'node:fs/promises';
import {createServer} from 'node:net';
import os from 'node:os';
import path from 'node:path';
import {call} from '../helpers/http.ts';
import {eventually} from '../helpers/program.ts';
import {startOnPty, type OnPty} from '../helpers/pty.ts';
import type {Visitor} from './docs.ts';

const project = path.join(import.meta.dirname, '..', '..', '..');
const latchkey = path.join(project, 'dist', 'bundle', 'latchkey.js');
const start = path.join(project, 'dist', 'bundle', 'start.js');

/** A real appliance, and how its console is opened. */
export type Console = {
	readonly url: string;
	readonly visitor: Visitor;
	open: (columns: number, rows: number, environment?: Record<string, string>) => OnPty;
};

/** Starts an appliance, and takes all of it away once `work` is through with it. */
export async function withAppliance(work: (console: Console) => Promise<void>): Promise<void> {
	const home = await mkdtemp(path.join(os.tmpdir(), 'latchkey-screens-'));
	const visitor = {email: 'ana@acme.example', password: randomBytes(18).toString('base64')};
	const port = await freePort();
	const url = `http://127.0.0.1:${port}`;
	const appliance = spawn(process.execPath, [start], {
		env: {
			...process.env,
			LATCHKEY_PORT: String(port),
			LATCHKEY_DATA_DIR: path.join(home, 'data'),
			LATCHKEY_BOOTSTRAP_ADMIN_EMAIL: visitor.email,
			LATCHKEY_BOOTSTRAP_ADMIN_PASSWORD: visitor.password,
		},
		stdio: ['ignore', 'ignore', 'inherit'],
	});
	try {
		await eventually(async () => (await call(url, '/readyz')).status === 200, {
			withinMs: 120_000,
			what: 'the appliance to be ready',
		});
		await work({
			url,
			visitor,
			open: (columns, rows, environment = {}) =>
				startOnPty(process.execPath, [latchkey], {
					env: {
						PATH: process.env['PATH'] ?? '',
						HOME: home,
						LATCHKEY_URL: url,
						...environment,
					},
					columns,
					rows,
				}),
		});
	} finally {
		appliance.kill('SIGTERM');
		await once(appliance, 'exit');
		await rm(home, {recursive: true, force: true});
	}
}

async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	server.close();
	if (address === null || typeof address === 'string') throw new Error('no port');
	return address.port;
}
