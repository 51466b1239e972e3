import {mkdtemp} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import {Redis as Client} from 'ioredis';
import {findDaemons, identify} from '../../deploy/embedded/processes.ts';
import {findRedis} from '../../deploy/embedded/redis-program.ts';
import {startRedis} from '../../deploy/embedded/redis.ts';
import type {Redis, RedisOptions} from '../../deploy/embedded/redis.ts';
import {testServices} from '../helpers/environment.ts';
import {startUnderKilledParent} from '../helpers/killed-parent.ts';
import {createRedis} from '../helpers/services.ts';

const redisModule = new URL('../../deploy/embedded/redis.js', import.meta.url).href;

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
