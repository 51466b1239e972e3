import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, readFile, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import path from 'node:path';
import {Redis} from 'ioredis';
import {libraryPath} from '../../deploy/embedded/redis/program.ts';
import {testServices} from './environment.ts';
import {eventually, freePort} from './program.ts';

/** One Redis of several, or a sentinel, on a port of the loopback address. */
export type RedisNode = {
	port: number;
	/** `host:port` */
	address: string;
	/** Does what it is told, whatever the product's clients do. */
	client: Redis;
	/** For SIGSTOP and SIGCONT. */
	readonly pid: number;
	/** Ends it where it is; resolves when it is gone. */
	kill: () => Promise<void>;
	/** Starts it again on the same port, with its data. */
	start: () => Promise<void>;
	/** Ends it for good. */
	stop: () => Promise<void>;
};

export type RedisNodeOptions = {
	/** Lines of its configuration besides where it listens. */
	lines: readonly string[];
	isSentinel?: boolean;
	port?: number;
	/** With which its own `client` comes. */
	password?: string;
	/** Files in PEM: it takes TLS and nothing else, from whoever has a certificate of that authority. */
	tls?: {ca: string; cert: string; key: string};
};

export async function startRedisNode(options: RedisNodeOptions): Promise<RedisNode> {
	const {lines, isSentinel = false, password, tls} = options;
	const {directory, redisProgram: program} = testServices();
	const port = options.port ?? (await freePort());
	const home = await mkdtemp(path.join(directory, 'redis-'));
	const configuration = path.join(home, 'redis.conf');
	// Sentinels and nodes of a Cluster write down there what they learn.
	await writeFile(
		configuration,
		[...listening(port, tls), 'bind 127.0.0.1', `dir ${home}`, 'save ""', ...lines, ''].join('\n'),
	);
	const client = new Redis({
		port,
		host: '127.0.0.1',
		lazyConnect: true,
		retryStrategy: () => 50,
		...(password === undefined ? {} : {password}),
		...(tls === undefined ? {} : {tls: await clientTls(tls)}),
	});
	client.on('error', () => {});
	const launch = () => {
		const args = [configuration, ...(isSentinel ? ['--sentinel'] : [])];
		const child = spawn(program.file, args, {
			stdio: 'ignore',
			cwd: home,
			env: {...process.env, ...libraryPath(program.libraries)},
		});
		return {child, exited: once(child, 'exit')};
	};
	let running = launch();
	const end = async () => {
		running.child.kill('SIGKILL');
		await running.exited;
	};
	const answers = () =>
		eventually(async () => (await client.ping()) === 'PONG', {what: `Redis on port ${port}`});
	await answers();
	return {
		port,
		address: `127.0.0.1:${port}`,
		client,
		get pid() {
			return running.child.pid ?? -1;
		},
		kill: end,
		async start() {
			running = launch();
			await answers();
		},
		async stop() {
			client.disconnect();
			await end();
		},
	};
}

function listening(port: number, tls: RedisNodeOptions['tls']): string[] {
	if (tls === undefined) return [`port ${port}`];
	return [
		'port 0',
		`tls-port ${port}`,
		`tls-ca-cert-file ${tls.ca}`,
		`tls-cert-file ${tls.cert}`,
		`tls-key-file ${tls.key}`,
		'tls-replication yes',
		'tls-cluster yes',
	];
}

async function clientTls(files: NonNullable<RedisNodeOptions['tls']>) {
	const [ca, cert, key] = await Promise.all(
		[files.ca, files.cert, files.key].map((file) => readFile(file, 'utf8')),
	);
	return {ca, cert, key};
}

/** Nodes of a Cluster listen on a second port as well, 10,000 above. */
export async function freeClusterPort(): Promise<number> {
	for (;;) {
		const port = await freePort();
		if (port + 10_000 <= 65_535 && (await isFree(port + 10_000))) return port;
	}
}

async function isFree(port: number): Promise<boolean> {
	const server = createServer();
	const listening = once(server, 'listening').then(
		() => true,
		() => false,
	);
	server.listen(port, '127.0.0.1');
	if (!(await listening)) return false;
	server.close();
	await once(server, 'close');
	return true;
}
