import {nothingIn} from '../../contract/key-terms.ts';
import {createServer, type AddressInfo} from 'node:net';
import {setTimeout as delay} from 'node:timers/promises';
import type {Knex} from 'knex';
import {bySystem} from '../../core/actor.ts';
import {publish} from '../../core/events/publish.ts';
import {createReceiver, type Receiver} from '../../test/webhooks/receiver.ts';
import {createCaller, logIn, type Caller} from '../caller.ts';
import {layOut, rounded, spread, type Spread} from '../figures.ts';
import type {Program} from '../program.ts';
import type {Scenario} from '../scenario.ts';
import {connectBench} from '../statements.ts';

const goals = {p50Ms: 50, p99Ms: 500, deliveriesPerSecond: 150};
const eventsPerSecond = 50;
const endpoints = 10;
/** With ten endpoints, each event is ten deliveries. */
const sharedEventsPerSecond = 5;
const env = {LATCHKEY_WEBHOOK_ALLOWED_NETWORKS: 'loopback'};
const waitMs = 120_000;
/** Before a busy server is asked again. */
const busyMs = 200;

type Setting = {db: Knex; caller: Caller; server: Program; jwt: string};

/**
 * From the change of a key to its receipt; a backlog for ten endpoints; and what nine endpoints
 * notice of a tenth that takes connections and never answers.
 */
export const webhooks: Scenario = {
	name: 'webhooks',
	title: 'webhooks: from commit to receipt, a backlog, and an endpoint that never answers',
	keys: () => 1,
	async run(bench) {
		const {options, services} = bench;
		const {webhookSeconds, webhookBacklog} = options.sizes;
		const server = await bench.startServer({cores: 'all', env});
		await bench.startWorker({cores: 'all', env});
		const receiver = await createReceiver();
		const hole = createServer(() => {}).listen(0, '127.0.0.1');
		const caller = createCaller(bench.signal);
		const db = connectBench(services.database);
		try {
			const setting: Setting = {db, caller, server, jwt: await logIn(caller, server)};
			const alone = await makeHome(setting, [receiver.url]);
			const latency = await atRate(setting, alone, receiver, {
				perSecond: eventsPerSecond,
				seconds: webhookSeconds,
				each: 1,
			});
			bench.say(`one endpoint: p50 ${latency.p50Ms} ms`);
			const urls = Array.from({length: endpoints}, (_, i) => `${receiver.url}/${i}`);
			const shared = await makeHome(setting, urls);
			const perSecond = await drain(setting, shared, receiver, webhookBacklog);
			bench.say(`a backlog: ${Math.round(perSecond)} deliveries/s`);
			const {port} = hole.address() as AddressInfo;
			const dead = await makeHome(setting, [...urls.slice(1), `http://127.0.0.1:${port}/`]);
			const healthy = await makeHome(setting, urls.slice(1));
			const load = {
				perSecond: sharedEventsPerSecond,
				seconds: webhookSeconds,
				each: endpoints - 1,
			};
			const without = await atRate(setting, healthy, receiver, load);
			const beside = await atRate(setting, dead, receiver, load);
			const result = {latency, deliveriesPerSecond: rounded(perSecond, 1), without, beside, goals};
			return {result, table: table(result), faults: []};
		} finally {
			caller.close();
			await db.destroy();
			await receiver.close();
			hole.close();
		}
	},
};

/** An organisation on the Team plan with these endpoints. @returns its id */
async function makeHome({caller, server, jwt}: Setting, urls: readonly string[]): Promise<string> {
	const post = async (path: string, body: object) => {
		const {status, text} = await caller.send(server, path, {bearer: jwt, body});
		if (status !== 201) throw new Error(`${path} was answered with ${status}: ${text}`);
		return JSON.parse(text) as {id: string};
	};
	const {id} = await post('/api/v1/organizations', {name: 'webhooks', plan: 'team'});
	for (const url of urls) {
		await post(`/api/v1/organizations/${id}/webhooks`, {url, event_types: ['key.created']});
	}
	return id;
}

/** Keys made at a steady rate, and when each webhook came, from the beginning of its transaction. */
async function atRate(
	setting: Setting,
	organisationId: string,
	receiver: Receiver,
	load: {perSecond: number; seconds: number; each: number},
): Promise<Spread> {
	const {db} = setting;
	const count = Math.ceil(load.perSecond * load.seconds);
	receiver.received.length = 0;
	const calls: Promise<number>[] = [];
	const startedAt = performance.now();
	for (let i = 0; i < count; i++) {
		await delay(Math.max(0, startedAt + (i * 1000) / load.perSecond - performance.now()));
		calls.push(createKey(setting, organisationId));
	}
	const statuses = await Promise.all(calls);
	if (statuses.some((status) => status !== 201)) throw new Error('keys could not be created');
	const received = await receiver.waitFor(count * load.each, waitMs);
	const events = await db('events')
		.where({organisation_id: organisationId})
		.select('id', 'created_at');
	const createdAt = new Map(events.map(({id, created_at: at}) => [id, at.getTime()]));
	return spread(received.map(({event, at}) => at - (createdAt.get(event.id) ?? NaN)));
}

/**
 * Asked for again where the server is too busy (503): what is measured begins with the transaction.
 *
 * @returns the status
 */
async function createKey({caller, server, jwt}: Setting, organisationId: string): Promise<number> {
	const path = `/api/v1/organizations/${organisationId}/api-keys`;
	const until = performance.now() + waitMs;
	for (;;) {
		const {status} = await caller.send(server, path, {bearer: jwt, body: {name: 'bench'}});
		if (status !== 503 || performance.now() > until) return status;
		await delay(busyMs);
	}
}

/** Events that are all there at once. @returns deliveries a second until the last has come */
async function drain(
	{db}: Setting,
	organisationId: string,
	receiver: Receiver,
	events: number,
): Promise<number> {
	receiver.received.length = 0;
	const startedAt = await db.transaction(async (transaction) => {
		const [organisation] = await transaction('organisations').where({id: organisationId});
		if (organisation === undefined) throw new Error('no organisation');
		const key = {
			id: organisationId,
			name: 'bench',
			hint: 'hklst_BENCHM',
			created_at: '2026-01-01T00:00:00Z',
			...nothingIn('event'),
			...nothingIn('event_end'),
			suspended_at: null,
			lineage_id: organisationId,
			last_used_at: null,
			revoked_at: null,
			status: 'active',
		} as const;
		for (let i = 0; i < events; i++) {
			await publish(transaction, bySystem('bench'), {
				type: 'key.created',
				organisationId,
				data: {key},
			});
		}
		return Date.now();
	});
	const received = await receiver.waitFor(events * endpoints, waitMs);
	const lastAt = Math.max(...received.map(({at}) => at));
	return (received.length * 1000) / (lastAt - startedAt);
}

function table(result: {
	latency: Spread;
	deliveriesPerSecond: number;
	without: Spread;
	beside: Spread;
}): string {
	const ms = ({p50Ms, p99Ms}: Spread) => `${p50Ms} / ${p99Ms} ms`;
	return layOut(
		['webhooks', 'measured', 'goal'],
		[
			[
				`commit to receipt, p50 / p99, ${eventsPerSecond} events/s`,
				ms(result.latency),
				`${goals.p50Ms} / ${goals.p99Ms} ms`,
			],
			[
				'deliveries/s, a backlog for ten endpoints',
				String(result.deliveriesPerSecond),
				String(goals.deliveriesPerSecond),
			],
			[`nine endpoints, ${sharedEventsPerSecond} events/s`, ms(result.without), ''],
			['the same beside one that never answers', ms(result.beside), 'the same'],
		],
	);
}
