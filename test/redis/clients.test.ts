import {mkdtemp, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {Queue, Worker, type ConnectionOptions} from 'bullmq';
import type {RedisConfig} from '../../core/config/config.ts';
import {createLog} from '../../core/log.ts';
import {countSilentSlots, isConnected, mastersOf} from '../../core/redis/cluster.ts';
import {connectRedis, connectRedisForQueues, type RedisClient} from '../../core/redis/connect.ts';
import {createRedisNames} from '../../core/redis/names.ts';
import {refusalOf} from '../../core/redis/refusal.ts';
import {createAuthority} from '../helpers/certificates.ts';
import {testServices} from '../helpers/environment.ts';
import {endsAtOnce, eventually} from '../helpers/program.ts';
import {createRedisCluster, type TestRedisCluster} from '../helpers/redis-cluster.ts';
import {freeClusterPort, startRedisNode, type RedisNodeOptions} from '../helpers/redis-nodes.ts';

/* What the clients of a Redis Cluster do, without the programs around them. */

const log = createLog({program: 'test', logLevel: 'silent', keyPrefix: 'hklst_'});
const names = createRedisNames('latchkey');
let cluster: TestRedisCluster;
/** As a file of it would give it. */
let password = 'one';

test.before(async () => {
	cluster = await createRedisCluster({password});
});
test.after.always(() => cluster?.stop());

async function connected(t: ExecutionContext, config = cluster.config): Promise<RedisClient> {
	const redis = connectRedis(config, log);
	t.teardown(() => redis.disconnect());
	await eventually(async () => redis.status === 'ready' && (await countSilentSlots(redis)) === 0, {
		what: 'every slot to answer',
	});
	return redis;
}

/** A name for each third of the slots, as those of organisations. */
function namesOfThirds(): [string, string, string] {
	const found = new Map<number, string>();
	for (let i = 0; found.size < 3; i++) {
		const name = `{latchkey:${i}}:x`;
		found.set(cluster.thirdOf(name), name);
	}
	return [0, 1, 2].map((third) => found.get(third) ?? '') as [string, string, string];
}

test.serial(
	'a script goes to the node that has its keys; a single Redis is its own only node',
	async (t) => {
		const redis = await connected(t);
		t.true(redis.isCluster);
		t.is(mastersOf(redis).length, 3);
		for (const [third, name] of namesOfThirds().entries()) {
			await redis.eval(`return redis.call('SET', KEYS[1], ARGV[1])`, 1, name, third);
			t.is(await cluster.masters[third]?.client.get(name), String(third));
			t.true(isConnected(redis, name));
		}
	},
);

test.serial('a slot that moved is followed', async (t) => {
	const redis = await connected(t);
	const [name] = namesOfThirds();
	await redis.del(name);
	const slot = String(cluster.slotOf(name));
	const [from, to] = cluster.masters;
	const id = (await to.client.call('CLUSTER', 'MYID')) as string;
	const back = (await from.client.call('CLUSTER', 'MYID')) as string;
	const give = async (owner: string) => {
		for (const {client} of cluster.masters) {
			await client.call('CLUSTER', 'SETSLOT', slot, 'NODE', owner);
		}
	};
	await give(id);
	await redis.set(name, 'moved');
	t.is(await to.client.get(name), 'moved');
	await redis.del(name);
	await give(back);
	await redis.set(name, 'back');
	t.is(await from.client.get(name), 'back');
});

test.serial(
	'a node that is away takes its own commands with it, at once, and no others',
	async (t) => {
		const redis = await connected(t);
		const [here, there, elsewhere] = namesOfThirds();
		const [, second] = cluster.masters;
		await second.kill();
		await eventually(() => !isConnected(redis, there), {what: 'the node to be missed'});
		for (let i = 0; i < 50; i++) {
			await t.throwsAsync(redis.incr(there));
			await t.throwsAsync(failingFirst(redis.pipeline().incr(there).incr(there).exec()));
			t.is(await redis.set(here, i), 'OK');
			t.is(await redis.set(elsewhere, i), 'OK');
		}
		t.true((await countSilentSlots(redis)) > 5000);
		await second.start();
		await eventually(() => isConnected(redis, there), {what: 'the node to be found again'});
		await redis.set(there, 'back');
	},
);

test.serial(
	'while a node stands still what is for it is refused, and memory stays bounded',
	async (t) => {
		const redis = await connected(t);
		const [here, there] = namesOfThirds();
		const [, second] = cluster.masters;
		process.kill(second.pid, 'SIGSTOP');
		try {
			await t.throwsAsync(redis.set(there, 1), {message: /timed out/});
			await eventually(() => !isConnected(redis, there), {what: 'the connection to be given up'});
			for (let i = 0; i < 50; i++) await t.throwsAsync(redis.set(there, 1));
			t.is(await redis.set(here, 1), 'OK');
		} finally {
			process.kill(second.pid, 'SIGCONT');
		}
		await eventually(() => isConnected(redis, there), {what: 'the node to be found again'});
	},
);

/** A pipeline tells what became of each of its commands. */
async function failingFirst(answers: Promise<[Error | null, unknown][] | null>): Promise<void> {
	for (const [error] of (await answers) ?? []) if (error !== null) throw error;
}

test.serial('nothing waits for a Cluster that is not there', async (t) => {
	const port = await freeClusterPort();
	const config = {...cluster.config, address: {cluster: [{host: '127.0.0.1', port}]}};
	const redis = connectRedis(config, log);
	t.teardown(() => redis.disconnect());
	for (let i = 0; i < 20; i++) {
		const asked = [redis.get('x'), redis.pipeline().get('x').exec()];
		for (const each of asked) t.true(await endsAtOnce(each));
		for (const each of await Promise.allSettled(asked)) t.is(each.status, 'rejected');
	}
	t.false(isConnected(redis, 'x'));
	t.is(await countSilentSlots(redis), 16_384);
});

test.serial(
	'a refusal of the Cluster is told from one that is away, by both kinds of clients',
	async (t) => {
		const [, , third] = cluster.masters;
		const nodes = [...cluster.masters, cluster.replica];
		const cover = async (all: 'yes' | 'no') => {
			for (const {client} of nodes)
				await client.config('SET', 'cluster-require-full-coverage', all);
		};
		const [here] = namesOfThirds();
		const redis = await connected(t);
		await cover('yes');
		await third.kill();
		const reason = () =>
			redis.set(here, 1).then(String, (error: unknown) => refusalOf(error)?.reason);
		await eventually(async () => (await reason()) === 'cluster_down', {what: 'the refusal'});
		await third.start();
		// One node says so for itself before the others do.
		const isWhole = async () =>
			(await Promise.all(nodes.map(async ({client}) => client.cluster('INFO')))).every((info) =>
				String(info).includes('cluster_state:ok'),
			);
		await eventually(async () => (await reason()) === 'OK' && (await isWhole()), {
			what: 'the Cluster to be whole',
		});
		await cover('no');
		const givenUp = new Error(
			'Too many Cluster redirections. Last error: ReplyError: CLUSTERDOWN The cluster is down',
		);
		t.is(refusalOf(givenUp)?.reason, 'cluster_down');
		t.is(refusalOf(new Error('CLUSTERDOWN')), undefined);
	},
);

test.serial('the user of docs/database.md may do all that is needed', async (t) => {
	const page = new URL('../../../docs/database.md', import.meta.url);
	const line =
		/^ACL SETUSER latchkey on >password (.*)$/m.exec(await readFile(page, 'utf8'))?.[1] ?? '';
	const rights = ['reset', 'on', '>own', ...line.split(' '), '+cluster|slots'];
	for (const {client} of [...cluster.masters, cluster.replica]) {
		await client.acl('SETUSER', 'latchkey', ...rights);
	}
	const config = {...cluster.config, username: 'latchkey', password: 'own'};
	const redis = await connected(t, config);
	for (const name of [...namesOfThirds(), names.probe]) {
		t.is(
			await redis.eval(`redis.call('SET', KEYS[1], 7) return redis.call('GET', KEYS[1])`, 1, name),
			'7',
		);
	}
	await t.throwsAsync(redis.set('other', 1), {message: /NOPERM/});
	const forQueue = connectRedisForQueues(config, log);
	const options = {prefix: names.queuePrefix, skipVersionCheck: true};
	const queue = new Queue('rights', {...options, connection: forQueue as ConnectionOptions});
	await queue.add('one', {});
	t.is(await queue.count(), 1);
	await queue.close();
	forQueue.disconnect();
});

test.serial('another password is used once it is known, also for blocking', async (t) => {
	const config: RedisConfig = {...cluster.config, readPassword: () => password};
	const redis = await connected(t, config);
	const [forQueue, forWorker] = [0, 1].map(() => connectRedisForQueues(config, log)) as [
		RedisClient,
		RedisClient,
	];
	const options = {prefix: names.queuePrefix, skipVersionCheck: true};
	const queue = new Queue('passwords', {...options, connection: forQueue as ConnectionOptions});
	const done: string[] = [];
	const worker = new Worker(
		'passwords',
		async ({name}) => {
			done.push(name);
		},
		{...options, connection: forWorker as ConnectionOptions, runRetryDelay: 100},
	);
	worker.on('error', () => {});
	queue.on('error', () => {});
	t.teardown(async () => {
		await Promise.allSettled([queue.close(), worker.close(true)]);
		forQueue.disconnect();
		forWorker.disconnect();
	});
	await queue.add('before', {});
	await eventually(() => done.includes('before'), {what: 'the job'});

	const next = 'two';
	for (const {client} of [...cluster.masters, cluster.replica]) {
		await client.config('SET', 'masterauth', next);
		await client.config('SET', 'requirepass', next);
	}
	password = next;
	for (const {client} of [...cluster.masters, cluster.replica]) {
		await client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
	}
	await eventually(async () => (await redis.set(names.probe, 1)) === 'OK', {what: 'to be let in'});
	await queue.add('after', {});
	await eventually(() => done.includes('after'), {what: 'the job after it'});
	await eventually(async () => (await countSilentSlots(redis)) === 0);
	t.deepEqual(done, ['before', 'after']);
});

test.serial(
	'TLS reaches every node, and sentinels and whoever leads; another authority none',
	async (t) => {
		const authority = await createAuthority();
		const {cert, key} = await authority.issue('127.0.0.1');
		const home = await mkdtemp(path.join(testServices().directory, 'tls-'));
		const write = async (name: string, text: string) => {
			const file = path.join(home, name);
			await writeFile(file, text, {mode: 0o600});
			return file;
		};
		const files = {
			ca: await write('ca', authority.cert),
			cert: await write('cert', cert),
			key: await write('key', key),
		};
		const start = async (options: Omit<RedisNodeOptions, 'tls'>) => {
			const node = await startRedisNode({...options, tls: files});
			t.teardown(node.stop);
			return node;
		};
		const alone = await start({
			lines: ['cluster-enabled yes', 'cluster-announce-ip 127.0.0.1'],
			port: await freeClusterPort(),
		});
		const slots = Array.from({length: 16_384}, (_, slot) => String(slot));
		await alone.client.call('CLUSTER', 'ADDSLOTS', ...slots);
		const master = await start({lines: []});
		const watch = [`sentinel monitor keys 127.0.0.1 ${master.port} 1`];
		const sentinel = await start({lines: watch, isSentinel: true});
		const at = ({port}: {port: number}) => [{host: '127.0.0.1', port}];

		const base = {username: undefined, password: undefined, database: 0, prefix: 'latchkey'};
		for (const address of [
			{cluster: at(alone)},
			{sentinels: at(sentinel), name: 'keys'},
		] as const) {
			const tls = {rejectUnauthorized: true, ca: [authority.cert], cert, key};
			const redis = connectRedis({...base, address, tls}, log, 5000);
			t.teardown(() => redis.disconnect());
			await eventually(async () => (await redis.set('{latchkey}:x', 1)) === 'OK', {what: 'TLS'});
			const other = {...tls, ca: [(await createAuthority()).cert]};
			const refused = connectRedis({...base, address, tls: other}, log, 5000);
			t.teardown(() => refused.disconnect());
			const errors: Error[] = [];
			for (const event of ['error', 'node error']) {
				refused.on(event, (error: Error) => errors.push(error));
			}
			// Handshakes that are cut off may end in a second error of the same socket.
			await eventually(() => errors.length > 10, {what: 'TLS to be refused again and again'});
			for (const {message} of errors) {
				t.regex(message, /certificate|Connection is closed|sentinels are unreachable|slots cache/);
			}
			await t.throwsAsync(refused.set('{latchkey}:x', 2));
			t.is(await redis.get('{latchkey}:x'), '1');
		}
	},
);
