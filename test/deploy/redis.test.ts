import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, open, readdir, readFile, stat, truncate, writeFile} from 'node:fs/promises';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {Redis as Client} from 'ioredis';
import {findDaemons, identify} from '../../deploy/embedded/processes.ts';
import {findRedis, libraryPath} from '../../deploy/embedded/redis/program.ts';
import {startRedis} from '../../deploy/embedded/redis/redis.ts';
import type {Redis, RedisOptions} from '../../deploy/embedded/redis/redis.ts';
import {testServices} from '../helpers/environment.ts';
import {startUnderKilledParent} from '../helpers/killed-parent.ts';
import {createRedis} from '../helpers/services.ts';

const redisModule = new URL('../../deploy/embedded/redis/redis.js', import.meta.url).href;

async function redisOptions(): Promise<RedisOptions> {
	const {directory, redisProgram: program} = testServices();
	const home = await mkdtemp(path.join(directory, 'redis-'));
	return {program, directory: path.join(home, 'data'), logFile: path.join(home, 'log')};
}

async function withClient<Result>(redis: Redis, work: (client: Client) => Promise<Result>) {
	const client = new Client({path: redis.socket, lazyConnect: true, retryStrategy: () => null});
	await client.connect();
	try {
		return await work(client);
	} finally {
		client.disconnect();
	}
}

test('throws nothing away, keeps a journal, and is out of reach of the network', async (t) => {
	const redis = await startRedis(await redisOptions());
	t.teardown(redis.stop);
	const config = await withClient(redis, async (client) =>
		client.config('GET', 'port', 'appendonly', 'appendfsync', 'maxmemory-policy'),
	);
	const pairs = Array.from({length: config.length / 2}, (_, i) => config.slice(2 * i, 2 * i + 2));
	t.deepEqual(Object.fromEntries(pairs), {
		port: '0',
		appendonly: 'yes',
		appendfsync: 'everysec',
		'maxmemory-policy': 'noeviction',
	});
});

test('outlives a killed start, is adopted, and keeps its data through kill -9', async (t) => {
	const options = await redisOptions();
	const pid = await startUnderKilledParent(redisModule, 'startRedis', options);
	t.truthy(await identify(pid), 'Redis outlives a killed start');

	const adopted = await startRedis(options);
	t.true(adopted.adopted);
	t.is(adopted.pid, pid);
	await withClient(adopted, async (client) => client.set('answer', '42'));

	process.kill(adopted.pid, 'SIGKILL');
	await adopted.ended();
	await adopted.start();
	t.is(await withClient(adopted, async (client) => client.get('answer')), '42');

	await adopted.stop();
	t.deepEqual(await findDaemons(options.directory, ['redis-check-rdb', 'valkey-server']), []);
	const again = await startRedis(options);
	t.teardown(again.stop);
	t.false(again.adopted);
	t.is(await withClient(again, async (client) => client.get('answer')), '42');
});

/** Where a Redis keeps what was written since it last began a new file. */
async function journalOf(directory: string): Promise<string> {
	const folder = path.join(directory, 'appendonlydir');
	const name = (await readdir(folder)).find((each) => each.endsWith('.incr.aof'));
	return path.join(folder, name ?? 'none');
}

async function writtenAndStopped(options: RedisOptions): Promise<Redis> {
	const redis = await startRedis(options);
	await withClient(redis, async (client) => {
		for (let i = 0; i < 20; i++) await client.set(`key ${i}`, 'a value of some length');
	});
	await redis.stop();
	return redis;
}

test('a journal that is damaged in the middle is kept beside an empty one, and that is said', async (t) => {
	const options = await redisOptions();
	await writtenAndStopped(options);
	const file = await open(await journalOf(options.directory), 'r+');
	await file.write('no command', 200);
	await file.close();
	const redis = await startRedis(options);
	t.teardown(redis.stop);
	await withClient(redis, async (client) => {
		t.is(await client.dbsize(), 0);
		await client.set('answer', '42');
	});
	const kept = (await readdir(options.directory)).filter((name) => name.includes('.damaged-'));
	t.is(kept.length, 1);
	t.regex(
		await readFile(options.logFile, 'utf8'),
		/The append-only file is damaged\. It is kept as /,
	);
	await redis.stop();
	await redis.start();
	t.is(await withClient(redis, async (client) => client.get('answer')), '42');
});

test('the bundle keeps a damaged journal beside an empty one, too, and reads one with its tail cut off', async (t) => {
	const options = await redisOptions();
	await writtenAndStopped(options);
	const journal = await journalOf(options.directory);
	await truncate(journal, (await stat(journal)).size - 5);
	t.is(await sizeInBundle(t, options), 19);
	const file = await open(await journalOf(options.directory), 'r+');
	await file.write('no command', 200);
	await file.close();
	t.is(await sizeInBundle(t, options), 0);
	const kept = (await readdir(options.directory)).filter((name) => name.includes('.damaged-'));
	t.is(kept.length, 1);
});

/** Starts Redis as docker-compose.yml does. @returns how many keys it has */
async function sizeInBundle(t: ExecutionContext, {program, directory}: RedisOptions) {
	const compose = await readFile(new URL('../../../docker-compose.yml', import.meta.url), 'utf8');
	const script = /^ {2}redis:\n[^]*?- -euc\n {6}- \|\n([^]*?)\n {6}- redis\n/m.exec(compose)?.[1];
	if (script === undefined) throw new Error('no script');
	// The bundle's Valkey has its programs by these names.
	const bin = await mkdtemp(path.join(testServices().directory, 'bin-'));
	for (const tool of ['server', 'check-aof']) {
		const real = path.join(
			path.dirname(program.file),
			path.basename(program.file).replace('server', tool),
		);
		await writeFile(path.join(bin, `valkey-${tool}`), `#!/bin/sh\nexec ${real} "$@"\n`, {
			mode: 0o755,
		});
	}
	const socket = path.join(bin, 's');
	const child = spawn(
		'sh',
		[
			'-euc',
			script.replaceAll('$$', '$'),
			'redis',
			'--port',
			'0',
			'--unixsocket',
			socket,
			'--appendonly',
			'yes',
		],
		{
			cwd: directory,
			env: {PATH: `${bin}:${process.env['PATH'] ?? ''}`, ...libraryPath(program.libraries)},
			stdio: 'ignore',
		},
	);
	t.teardown(() => void child.kill('SIGKILL'));
	const client = new Client({path: socket, retryStrategy: () => 50});
	client.on('error', () => {});
	try {
		return await client.dbsize();
	} finally {
		client.disconnect();
		child.kill('SIGTERM');
		await once(child, 'exit');
	}
}

test('of a journal whose tail is cut off all but that is there', async (t) => {
	const options = await redisOptions();
	await writtenAndStopped(options);
	const journal = await journalOf(options.directory);
	await truncate(journal, (await stat(journal)).size - 5);
	const redis = await startRedis(options);
	t.teardown(redis.stop);
	t.is(await withClient(redis, async (client) => client.dbsize()), 19);
});

test('a leftover that does not answer is replaced: never two on one journal', async (t) => {
	const options = await redisOptions();
	const pid = await startUnderKilledParent(redisModule, 'startRedis', options);
	process.kill(pid, 'SIGSTOP');
	const redis = await startRedis(options);
	t.teardown(redis.stop);
	t.false(redis.adopted);
	t.is(await identify(pid), undefined);
});

test('the Redis of a test file is its own, and empty after a restart', async (t) => {
	const [one, other] = await Promise.all([createRedis(), createRedis()]);
	t.teardown(one.stop);
	t.teardown(other.stop);
	t.not(one.pid, other.pid);

	const client = new Client(one.clientSettings);
	await client.set('mine', 'yes');
	client.disconnect();
	await one.stop();
	await one.start();
	const later = new Client(one.clientSettings);
	t.is(await later.dbsize(), 0);
	later.disconnect();
});

test('without any Redis and without leave to fetch one, the way to install one is said', async (t) => {
	const empty = await mkdtemp(path.join(testServices().directory, 'cache-'));
	const searched: string[] = [];
	const error = await t.throwsAsync(
		findRedis(empty, {download: false, announce: (text) => searched.push(text), folders: []}),
	);
	t.regex(error?.message ?? '', /apt-get install.*\n.*dnf install valkey/);
	t.deepEqual(searched, [], 'nothing is fetched');
});
