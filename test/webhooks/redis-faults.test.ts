import test, {type ExecutionContext} from 'ava';
import {Redis} from 'ioredis';
import {
	createAppliance,
	onServices,
	type Appliance,
	type WorkerProgram,
} from '../helpers/appliance.ts';
import {uncaught} from '../helpers/faults.ts';
import {eventually} from '../helpers/program.ts';
import {createDatabase, createRedis, type TestRedis} from '../helpers/services.ts';
import {createReceiver, type Receiver} from './receiver.ts';
import {createWebhookWorld, type WebhookWorld} from './world.ts';

// F4, F6 and F19 of the design: Redis away, and the end of a worker with its hands full.

let appliance: Appliance;
let redis: TestRedis;
let world: WebhookWorld;
let worker: WorkerProgram;

const settings = {
	LATCHKEY_WEBHOOK_ALLOWED_NETWORKS: 'loopback',
	LATCHKEY_WEBHOOK_RETRY_SECONDS: '100',
	LATCHKEY_SHUTDOWN_TIMEOUT_MS: '15000',
};

test.before(async () => {
	const [database, own] = await Promise.all([createDatabase(), createRedis({durable: true})]);
	redis = own;
	appliance = await createAppliance(onServices(database, redis));
	world = await createWebhookWorld(appliance, settings);
	worker = await appliance.startWorker(settings);
});

test.after.always(async () => {
	await world?.close();
	await appliance?.stop();
});

async function receive(t: ExecutionContext): Promise<Receiver> {
	const receiver = await createReceiver();
	t.teardown(receiver.close);
	return receiver;
}

test.serial(
	'Redis away: changes are made as before; what they tell is sent when it is back, without restarts',
	async (t) => {
		const receiver = await receive(t);
		const organisationId = await world.makeOrganisation();
		await world.makeEndpoint(organisationId, receiver.url);
		await world.makeKeys(organisationId, 1);
		await receiver.waitFor(1);
		await redis.stop();
		await world.makeKeys(organisationId, 30);
		t.is(receiver.received.length, 1);
		const {webhooks} = await eventually(async () => {
			const state = await worker.state();
			return (state.webhooks.lag?.oldest_due_seconds ?? 0) > 1 && state;
		});
		t.like(webhooks, {lag: {paused_endpoints: 0}});
		await redis.start();
		const backAt = performance.now();
		await receiver.waitFor(31);
		t.log(`all came ${Math.round(performance.now() - backAt)} ms after Redis was back`);
		t.is(new Set(receiver.received.map(({event}) => event.id)).size, 31);
		await eventually(async () => {
			const {last_pass_at: at, lag} = (await worker.state()).webhooks;
			return at !== webhooks.last_pass_at && lag?.due === 0 && lag.in_flight === 0;
		});
		t.deepEqual(uncaught(worker), []);
		t.deepEqual(uncaught(world.server), []);
	},
);

test.serial(
	'Redis that takes no more (maxmemory): webhooks go on when it does, without a restart',
	async (t) => {
		const receiver = await receive(t);
		const organisationId = await world.makeOrganisation();
		await world.makeEndpoint(organisationId, receiver.url);
		const client = new Redis(redis.clientSettings);
		t.teardown(() => client.disconnect());
		await client.config('SET', 'maxmemory', '1');
		await world.makeKeys(organisationId, 5);
		await eventually(() => worker.output().includes('deliveries that are due could not be queued'));
		await client.config('SET', 'maxmemory', '0');
		await receiver.waitFor(5);
		t.is(new Set(receiver.received.map(({event}) => event.id)).size, 5);
	},
);

/**
 * Ten endpoints of which each has five deliveries in the worker's hands, as many as it sends at a
 * time; of three organisations, as none may have all of its hands.
 */
async function fillHands(t: ExecutionContext) {
	const receiver = await receive(t);
	const waiting: (() => void)[] = [];
	receiver.answer((_request, response) => waiting.push(() => response.writeHead(204).end()));
	const organisations: string[] = [];
	for (const endpoints of [4, 4, 2]) {
		const organisationId = await world.makeOrganisation();
		organisations.push(organisationId);
		for (let i = 0; i < endpoints; i++) await world.makeEndpoint(organisationId, receiver.url);
		await world.makeKeys(organisationId, 8);
	}
	await receiver.waitFor(50);
	const inHand = async () => {
		const rows = await world
			.db('webhook_deliveries')
			.where({status: 'sending'})
			.whereIn('organisation_id', organisations)
			.select('id');
		return rows.length;
	};
	t.is(await inHand(), 50);
	return {
		receiver,
		inHand,
		answerAll: () => {
			receiver.answer((_request, response) => response.writeHead(204).end());
			for (const answer of waiting) answer();
		},
	};
}

test.serial(
	'SIGTERM with 50 sends in flight: they end, and nothing waits for a lease',
	async (t) => {
		const {receiver, inHand, answerAll} = await fillHands(t);
		worker.kill('SIGTERM');
		setTimeout(answerAll, 1000);
		t.is(await worker.exited, 0);
		t.is(await inHand(), 0);
		worker = await appliance.startWorker(settings);
		await receiver.waitFor(80);
		t.is(receiver.received.length, 80, 'none twice');
	},
);

test.serial(
	'SIGTERM with 50 sends that nobody answers: they are cut off, count for nothing and are sent again',
	async (t) => {
		const {receiver, inHand, answerAll} = await fillHands(t);
		worker.kill('SIGTERM');
		t.is(await worker.exited, 0);
		t.is(await inHand(), 0);
		const failed = await world.db('webhook_endpoints').where('consecutive_failures', '>', 0);
		t.deepEqual(failed, []);
		answerAll();
		worker = await appliance.startWorker(settings);
		await receiver.waitFor(50 + 80);
		t.is(new Set(receiver.received.map(({event}) => event.id)).size, 24);
	},
);

test.serial(
	'SIGTERM with 50 sends in flight and Redis away: the worker ends in time, with 0',
	async (t) => {
		const {receiver, inHand, answerAll} = await fillHands(t);
		await redis.stop();
		worker.kill('SIGTERM');
		setTimeout(answerAll, 1000);
		t.is(await worker.exited, 0);
		t.is(await inHand(), 0);
		await redis.start();
		worker = await appliance.startWorker(settings);
		await receiver.waitFor(80, 90_000);
	},
);
