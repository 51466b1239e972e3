import {setTimeout as sleep} from 'node:timers/promises';
import test from 'ava';
import {Queue, type ConnectionOptions} from 'bullmq';
import {Redis} from 'ioredis';
import type {Knex} from 'knex';
import type {Key} from '../../contract/keys.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {jobNames, maintenanceQueue} from '../../core/jobs.ts';
import {createRedisNames} from '../../core/redis/names.ts';
import {
	createAppliance,
	defaultOrganisation,
	makeKey,
	type Appliance,
	type Server,
	type WorkerProgram,
} from '../helpers/appliance.ts';
import {clockOff} from '../helpers/clock.ts';
import {uncaught} from '../helpers/faults.ts';
import {eventually} from '../helpers/program.ts';
import {
	createDatabase,
	createRedis,
	type TestDatabase,
	type TestRedis,
} from '../helpers/services.ts';

let database: TestDatabase;
let service: TestRedis;
let appliance: Appliance;
let server: Server;
let jwt: string;
let organisationId: string;
let db: Knex;
let redis: Redis;

test.before(async () => {
	[database, service] = await Promise.all([createDatabase(), createRedis({durable: true})]);
	appliance = await createAppliance({
		env: {...database.env, ...service.env},
		database: database.config,
		redis: service.config,
		async close() {
			await db.destroy();
			redis.disconnect();
			await Promise.all([database.drop(), service.stop()]);
		},
	});
	db = connectDatabase(database.config, 'test');
	redis = new Redis({...service.clientSettings, maxRetriesPerRequest: null});
	// It goes and comes back in these tests.
	redis.on('error', () => {});
	server = await appliance.startServer();
	jwt = await server.logIn();
	organisationId = (await defaultOrganisation(server, jwt)).id;
});

test.after.always(() => appliance.stop());

test.afterEach((t) => {
	for (const program of appliance.programs()) t.deepEqual(uncaught(program), []);
});

/** Passes follow each other faster than by default, for tests that wait for one. */
const quick = {LATCHKEY_USAGE_FLUSH_MS: '200'};

const use = (key: string) => server.call('/api/v1/sources', {bearer: key});

async function counted(keyId: string): Promise<number> {
	const answer = await db.raw<{rows: {sum: string | null}[]}>(
		'select sum(count) from usage_hourly where key_id = ?',
		[keyId],
	);
	return Number(answer.rows[0]?.sum ?? 0);
}

/** Waits for a pass that began after now. */
async function nextPass(worker: WorkerProgram): Promise<void> {
	const before = await worker.lastFlush();
	await eventually(async () => (await worker.lastFlush()) > before, {what: 'a pass of usage'});
}

test.serial('last_used_at is there within five seconds of a use', async (t) => {
	const worker = await appliance.startWorker();
	const took: number[] = [];
	for (let round = 0; round < 2; round++) {
		const key = await makeKey(server, jwt, organisationId);
		const usedAt = Date.now();
		t.is((await use(key.key)).status, 200);
		const shown = await eventually(
			async () => {
				const answer = await server.call(`/api/v1/organizations/${organisationId}/api-keys`, {
					bearer: jwt,
				});
				const listed = (answer.json() as Key[]).find(({id}) => id === key.id);
				return listed?.last_used_at ?? undefined;
			},
			{what: 'last_used_at'},
		);
		took.push(Date.now() - usedAt);
		// The contract shows whole seconds.
		t.true(Date.parse(shown) >= usedAt - 1000 && Date.parse(shown) <= Date.now());
	}
	t.log(`shown after ${took.join(', ')} ms`);
	t.is(await worker.stop(), 0);
});

test.serial('schedules come back after Redis lost everything', async (t) => {
	const worker = await appliance.startWorker(quick);
	await nextPass(worker);
	const key = await makeKey(server, jwt, organisationId);
	await redis.flushall();
	const startedAt = Date.now();
	await nextPass(worker);
	await nextPass(worker);
	t.log(`two passes within ${Date.now() - startedAt} ms`);
	t.is((await use(key.key)).status, 200);
	await eventually(async () => (await counted(key.id)) === 1);
	t.is(await worker.stop(), 0);
});

test.serial('all work is planned, and another worker does not do it again', async (t) => {
	const worker = await appliance.startWorker(quick);
	const done = async (name: string) => {
		const jobs = await withQueue((queue) => queue.getCompleted());
		return jobs.filter((job) => job.name === name).map(({id, finishedOn}) => ({id, finishedOn}));
	};
	for (const name of jobNames) {
		await eventually(async () => (await done(name)).length > 0, {what: `a pass of ${name}`});
	}
	const first = await done('keep-partitions');
	const second = await appliance.startWorker(quick);
	await nextPass(second);
	await nextPass(second);
	t.deepEqual(await done('keep-partitions'), first);
	t.deepEqual(await Promise.all([worker.stop(), second.stop()]), [0, 0]);
});

test.serial(
	'work that comes due while none is taken is planned when it is taken again',
	async (t) => {
		await redis.flushall();
		await withQueue(async (queue) => {
			await queue.pause();
			await queue.addBulk(Array.from({length: 100}, () => ({name: 'left over', data: {}})));
			const worker = await appliance.startWorker(quick);
			await sleep(1500);
			t.is(await queue.getWaitingCount(), 100);
			await queue.drain();
			await queue.resume();
			// Of a cadence of hours.
			await eventually(async () =>
				(await queue.getCompleted()).some(({name}) => name === 'keep-partitions'),
			);
			t.is(await worker.stop(), 0);
		});
	},
);

test.serial('what the version before planned is taken out of Redis', async (t) => {
	const everyMs = 24 * 3_600_000;
	await withQueue(async (queue) => {
		await queue.upsertJobScheduler('flush-usage', {every: everyMs}, {name: 'flush-usage'});
	});
	const worker = await appliance.startWorker(quick);
	await nextPass(worker);
	await withQueue(async (queue) => {
		await eventually(async () => (await queue.getJobSchedulersCount()) === 0);
		t.is(await queue.getDelayedCount(), 0);
	});
	t.is(await worker.stop(), 0);
});

test.serial(
	'a worker that started two hours ahead goes on when its clock is set right',
	async (t) => {
		const worker = await appliance.startWorker({...quick, ...clockOff(2 * 3_600_000)});
		await nextPass(worker);
		worker.kill('SIGUSR2');
		await eventually(() => worker.output().includes("agrees with PostgreSQL's again"));
		await nextPass(worker);
		await nextPass(worker);
		t.is(await worker.stop(), 0);
		const next = await appliance.startWorker(quick);
		await nextPass(next);
		await nextPass(next);
		t.is(await next.stop(), 0);
	},
);

test.serial('workers killed again and again lose nothing and count nothing twice', async (t) => {
	const key = await makeKey(server, jwt, organisationId);
	let accepted = 0;
	let ended = false;
	const callers = Array.from({length: 4}, async () => {
		while (!ended) {
			if ((await use(key.key)).status === 200) accepted++;
			// Hundreds in a second are enough to count, and leave the workers the time to.
			await sleep(5);
		}
	});
	let worker = await appliance.startWorker(quick);
	for (let round = 0; round < 4; round++) {
		const before = await counted(key.id);
		await eventually(async () => (await counted(key.id)) > before, {what: 'counts to grow'});
		const next = appliance.startWorker(quick);
		worker.kill('SIGKILL');
		await worker.exited;
		worker = await next;
	}
	ended = true;
	await Promise.all(callers);
	await eventually(async () => (await counted(key.id)) >= accepted);
	await nextPass(worker);
	t.log(`${accepted} accepted, ${await counted(key.id)} counted`);
	t.is(await counted(key.id), accepted);
	t.is(await worker.stop(), 0);
});

test.serial('a worker killed in the middle of a pass is followed by another', async (t) => {
	const [first, second] = await Promise.all([
		appliance.startWorker(quick),
		appliance.startWorker(quick),
	]);
	const key = await makeKey(server, jwt, organisationId);
	// Whoever writes usage waits here: it is in the middle of its pass.
	const transaction = await db.transaction();
	await transaction.raw('lock table usage_hourly in exclusive mode');
	await use(key.key);
	await eventually(async () => {
		const answer = await db.raw<{rows: unknown[]}>(
			"select from pg_stat_activity where datname = current_database() and application_name = 'latchkey-worker' and wait_event_type = 'Lock'",
		);
		return answer.rows.length > 0;
	});
	first.kill('SIGKILL');
	await first.exited;
	await transaction.rollback();
	const startedAt = Date.now();
	await eventually(async () => (await counted(key.id)) === 1);
	await nextPass(second);
	t.log(`taken over within ${Date.now() - startedAt} ms`);
	t.is(await counted(key.id), 1);
	t.is(await second.stop(), 0);
});

test.serial('a job that nobody knows fails alone', async (t) => {
	const worker = await appliance.startWorker(quick);
	await withQueue(async (queue) => {
		const job = await queue.add('no-such-job', {}, {attempts: 1});
		await eventually(async () => (await job.getState()) === 'failed');
	});
	await nextPass(worker);
	await eventually(() => worker.output().includes('no such job: no-such-job'), {
		what: 'the log line',
	});
	t.is(await worker.stop(), 0);
});

test.serial('a Redis that evicts is warned about', async (t) => {
	await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
	const worker = await appliance.startWorker();
	await eventually(() => worker.output().includes('set maxmemory-policy noeviction'));
	await redis.config('SET', 'maxmemory-policy', 'noeviction');
	t.is(await worker.stop(), 0);
});

test.serial('SIGHUP, as SIGTERM, takes the last counts along', async (t) => {
	const worker = await appliance.startWorker({LATCHKEY_USAGE_FLUSH_MS: '60000'});
	const key = await makeKey(server, jwt, organisationId);
	await eventually(async () => (await worker.lastFlush()) > 0);
	await use(key.key);
	await eventually(async () => {
		const batches = await redis.smembers(createRedisNames('latchkey').usageIndex);
		const held = await Promise.all(batches.map((batch) => redis.hexists(batch, key.id)));
		return held.includes(1);
	});
	t.is(await counted(key.id), 0);
	worker.kill('SIGHUP');
	t.is(await worker.exited, 0);
	t.is(await counted(key.id), 1);
});

test.serial('SIGTERM ends a worker with 0 although Redis is gone', async (t) => {
	const worker = await appliance.startWorker();
	await service.stop();
	const startedAt = performance.now();
	t.is(await worker.stop(), 0);
	t.log(`ended after ${Math.round(performance.now() - startedAt)} ms`);
	await service.start();
});

async function withQueue<T>(work: (queue: Queue) => Promise<T>): Promise<T> {
	const queue = new Queue(maintenanceQueue, {
		connection: redis as ConnectionOptions,
		prefix: createRedisNames('latchkey').queuePrefix,
	});
	try {
		return await work(queue);
	} finally {
		await queue.close();
	}
}
