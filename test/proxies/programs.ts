import {spawn} from 'node:child_process';
import {mkdir, mkdtemp, readFile, writeFile} from 'node:fs/promises';
import {connect} from 'node:net';
import path from 'node:path';
import {testServices} from '../helpers/environment.ts';
import {eventually, freePort} from '../helpers/program.ts';
import {findTool, type Tool} from '../helpers/tools.ts';

const shipped = path.join(import.meta.dirname, '../../../deploy/proxies');

/** Where the proxy listens and where it leads; ports of 127.0.0.1. */
type Ports = {
	/** The protected service, as clients see it. */
	api: number;
	/** Latchkey, as clients see it. */
	keys: number;
	service: number;
	latchkey: number;
};

type Shipped = Ports & {
	/** What a key must be good for, put where the files say that it may stand. */
	query: string;
};

/** A reverse proxy that Latchkey ships a configuration for. */
export type ProxyProgram = {
	name: string;
	/** File of deploy/proxies. */
	file: string;
	/** Whether checks share connections to Latchkey. */
	keepsConnections: boolean;
	/** The program that runs the configuration; undefined where none can be had. */
	findTool: () => Promise<Tool | undefined>;
	/** Puts configuration into a folder and says how to start it in the foreground. */
	prepare: (folder: string, ports: Shipped) => Promise<{args: string[]; env?: object}>;
};

export async function readShipped(file: string): Promise<string> {
	return readFile(path.join(shipped, file), 'utf8');
}

/** A shipped file with addresses and TLS as in a test; a pattern that is not there throws. */
async function adapt(file: string, changes: readonly [RegExp, string][]): Promise<string> {
	let text = await readShipped(file);
	for (const [pattern, replacement] of changes) {
		if (!pattern.test(text)) throw new Error(`${file} has no ${pattern}`);
		text = text.replace(pattern, replacement);
	}
	return text;
}

export const nginx: ProxyProgram = {
	name: 'nginx',
	file: 'nginx.conf',
	keepsConnections: true,
	findTool: () => findTool('nginx', ['-V'], /--with-http_auth_request_module/),
	async prepare(folder, ports) {
		const site = await adapt('nginx.conf', [
			[/listen 443 ssl http2;/, `listen 127.0.0.1:${ports.api};`],
			[/listen 443 ssl http2;/, `listen 127.0.0.1:${ports.keys};`],
			[/\tssl_certificate(_key)? .*\n/g, ''],
			[/127\.0\.0\.1:8080/, `127.0.0.1:${ports.latchkey}`],
			[/127\.0\.0\.1:9000/, `127.0.0.1:${ports.service}`],
			[/forward-auth;/, `forward-auth${ports.query};`],
		]);
		const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
		await writeFile(path.join(folder, 'site.conf'), site);
		await writeFile(
			path.join(folder, 'nginx.conf'),
			[
				'daemon off;',
				'master_process off;',
				`pid ${folder}/pid;`,
				'error_log stderr;',
				'events {}',
				'http {',
				'access_log off;',
				...temporary.map((name) => `${name}_temp_path ${folder}/${name};`),
				'include site.conf;',
				'}',
			].join('\n'),
		);
		return {args: ['-e', 'stderr', '-p', folder, '-c', `${folder}/nginx.conf`]};
	},
};

export const haproxy: ProxyProgram = {
	name: 'HAProxy',
	file: 'haproxy.cfg',
	keepsConnections: true,
	findTool: () => findTool('haproxy', ['-vv'], /version (2\.[6-9]|[3-9]\.)[^]*USE_LUA=1/),
	async prepare(folder, ports) {
		const config = await adapt('haproxy.cfg', [
			[/\/etc\/haproxy\/latchkey\.lua/, path.join(shipped, 'latchkey.lua')],
			[/bind :443 ssl .*/, `bind 127.0.0.1:${ports.api}`],
			[/bind :8443 ssl .*/, `bind 127.0.0.1:${ports.keys}`],
			[/lua\.latchkey http:\S+/, `$&${ports.query}`],
			[/127\.0\.0\.1:8080/g, `127.0.0.1:${ports.latchkey}`],
			[/127\.0\.0\.1:9000/, `127.0.0.1:${ports.service}`],
		]);
		const file = path.join(folder, 'haproxy.cfg');
		await writeFile(file, config);
		return {args: ['-db', '-f', file]};
	},
};

export const caddy: ProxyProgram = {
	name: 'Caddy',
	file: 'Caddyfile',
	keepsConnections: false,
	findTool: () => findTool('caddy', ['version'], /^v?2\.([6-9]|\d\d)\./m),
	async prepare(folder, ports) {
		const site = await adapt('Caddyfile', [
			[/^api\.example\.com/m, `http://:${ports.api}`],
			[/^keys\.example\.com/m, `http://:${ports.keys}`],
			[/127\.0\.0\.1:8080/g, `127.0.0.1:${ports.latchkey}`],
			[/127\.0\.0\.1:9000/, `127.0.0.1:${ports.service}`],
			[/forward-auth\?$/m, `forward-auth?${ports.query.slice(1)}`],
		]);
		const file = path.join(folder, 'Caddyfile');
		await writeFile(file, `{\n\tadmin off\n\tdefault_bind 127.0.0.1\n}\n${site}`);
		return {
			args: ['run', '--adapter', 'caddyfile', '--config', file],
			env: {HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder},
		};
	},
};

export type RunningProxy = {
	/** The protected service. */
	url: string;
	/** Latchkey. */
	keysUrl: string;
	output: () => string;
	stop: () => Promise<void>;
};

/** Starts a proxy and waits until it takes connections. */
export async function startProxy(
	program: ProxyProgram,
	upstreams: Pick<Ports, 'service' | 'latchkey'>,
	query = '',
): Promise<RunningProxy> {
	const folder = path.join(await mkdtemp(path.join(testServices().directory, 'proxy-')), 'run');
	await mkdir(folder);
	const ports = {...upstreams, api: await freePort(), keys: await freePort(), query};
	const tool = await program.findTool();
	if (tool === undefined) throw new Error(`no ${program.name} is here`);
	const {args, env} = await program.prepare(folder, ports);
	const child = spawn(tool.file, args, {
		cwd: folder,
		env: {...process.env, ...tool.env, ...env},
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let output = '';
	for (const stream of [child.stdout, child.stderr]) {
		stream.on('data', (chunk: Buffer) => {
			output += chunk.toString();
		});
	}
	let ended = false;
	const exited = new Promise<void>((resolve) => {
		child.once('error', (error) => {
			output += error.message;
		});
		child.once('close', () => {
			ended = true;
			resolve();
		});
	});
	await eventually(async () => ended || (await isOpen(ports.api)), {what: program.name});
	if (ended) throw new Error(`${program.name} ended: ${output}`);
	return {
		url: `http://127.0.0.1:${ports.api}`,
		keysUrl: `http://127.0.0.1:${ports.keys}`,
		output: () => output,
		async stop() {
			child.kill('SIGTERM');
			const killer = setTimeout(() => child.kill('SIGKILL'), 60_000);
			await exited;
			clearTimeout(killer);
		},
	};
}

async function isOpen(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect(port, '127.0.0.1');
		socket.once('connect', () => {
			socket.destroy();
			resolve(true);
		});
		socket.once('error', () => resolve(false));
	});
}
