import {spawn} from 'node:child_process';
import {chmod, mkdtemp, writeFile} from 'node:fs/promises';
import {connect} from 'node:net';
import path from 'node:path';
import type {DatabaseConfig} from '../../core/config/config.ts';
import {testServices} from './environment.ts';
import {eventually, freePort} from './program.ts';
import {findTool, type Tool} from './tools.ts';

/** pgbouncer, where it can be had. */
export function findPooler(): Promise<Tool | undefined> {
	return findTool('pgbouncer', ['--version'], /^PgBouncer 1\./m);
}

/**
 * Starts it in transaction mode.
 *
 * @returns the port it listens on
 */
export async function startPooler(
	program: Tool,
	{host, port: upstream, user}: DatabaseConfig,
	atEnd: (stop: () => Promise<void>) => void,
): Promise<number> {
	const {directory, postgresUser} = testServices();
	const home = await mkdtemp(path.join(directory, 'pooler-'));
	await chmod(home, 0o755);
	const port = await freePort();
	const settings = path.join(home, 'pgbouncer.ini');
	await writeFile(
		settings,
		`[databases]
* = host=${host} port=${upstream} user=${user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
max_client_conn = 500
`,
		{mode: 0o644},
	);
	const child = spawn(program.file, [settings], {
		env: {...process.env, ...program.env},
		stdio: 'ignore',
		...(postgresUser === undefined ? {} : {uid: postgresUser.uid, gid: postgresUser.gid}),
	});
	const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
	atEnd(async () => {
		child.kill('SIGKILL');
		await ended;
	});
	await eventually(() => isOpen(port), {what: 'the pooler to listen'});
	return port;
}

function isOpen(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect(port, '127.0.0.1', () => {
			socket.destroy();
			resolve(true);
		});
		socket.once('error', () => resolve(false));
	});
}
