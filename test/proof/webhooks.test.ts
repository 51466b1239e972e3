import {createHmac} from 'node:crypto';
import {setTimeout as sleep} from 'node:timers/promises';
import test from 'ava';
import {Redis} from 'ioredis';
import type {Knex} from 'knex';
import {Webhook} from 'standardwebhooks';
import {createdEndpoint} from '../../contract/webhooks.ts';
import {connectDatabase} from '../../core/db/connect.ts';
import {administrator, type WorkerProgram} from '../helpers/appliance.ts';
import {createOwnServices, type OwnServices} from '../helpers/faults.ts';
import {call, type Answer} from '../helpers/http.ts';
import {eventually} from '../helpers/program.ts';
import type {TestRedis} from '../helpers/services.ts';
import {createReceiver, type Receiver} from '../webhooks/receiver.ts';
import {startFleet, type Member} from './fleet.ts';
import {seededRandom, type Random} from './random.ts';

/*
Short in `npm test`; long by `npm run proof -- --webhooks`. Everything is killed while keys are made
and revoked; afterwards every change that was committed must have its one event, every event must have
come, with its signature, and none that was not committed.
*/
const minutes = Number(process.env['PROOF_MINUTES'] ?? 0.3);
const seed = Number(process.env['PROOF_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
const isLong = process.env['PROOF_MINUTES'] !== undefined;
/** Share of the events that may be accepted more than once; of a few, one crash is more than that. */
const mostTwice = 0.02;

const settings = {
	LATCHKEY_WEBHOOK_ALLOWED_NETWORKS: 'loopback',
	LATCHKEY_WEBHOOK_RETRY_SECONDS: Array.from({length: 30}, () => '1').join(','),
};

type Run = {
	services: OwnServices;
	member: Member;
	workers: WorkerProgram[];
	random: Random;
	signal: AbortSignal;
	counts: Record<string, number>;
};

test('no event of a committed change is lost, none is made up, whatever is killed', async (t) => {
	const durationMs = minutes * 60_000;
	t.timeout(durationMs + 240_000);
	const services = await createOwnServices({durable: true});
	t.teardown(() => services.appliance.stop());
	const fleet = await startFleet(services.appliance, {size: 1, env: () => settings});
	t.teardown(() => fleet.stop());
	const [member] = fleet.members;
	if (member === undefined) throw new Error('no server');
	const startWorker = () => services.appliance.startWorker(settings);
	const workers = [await startWorker(), await startWorker()];
	const random = seededRandom(seed);
	const receiver = await createReceiver();
	t.teardown(() => receiver.close());
	misbehave(receiver, random);

	const setup = await setUp(member, receiver);
	const stop = new AbortController();
	const {signal} = stop;
	const run: Run = {services, member, workers, random, signal, counts: {}};
	const faults = causeFaults(run, startWorker);
	const endsAt = performance.now() + durationMs;
	// On a busy machine one fault may take all of that.
	const isOver = () => performance.now() >= endsAt && Object.keys(run.counts).length > 1;
	const changes = await makeChanges(setup, random, isOver);
	stop.abort();
	await faults;
	const quietAt = performance.now();

	const db = connectDatabase(services.appliance.database, 'test');
	t.teardown(() => db.destroy());
	await eventually(async () => (await waiting(db)) === 0, {
		withinMs: 180_000,
		what: 'every delivery to end',
	});
	const drainedMs = Math.round(performance.now() - quietAt);
	const events = await db('events').orderBy('sequence');
	const summary = judge(receiver, setup.secret, events);
	const said = {seed, minutes, acknowledged: changes, ...summary, drainedMs, faults: run.counts};
	t.log(JSON.stringify(said));
	if (isLong) process.stderr.write(`webhooks: ${JSON.stringify(said, null, '\t')}\n`);
	t.deepEqual(summary.lost, []);
	t.deepEqual(summary.phantom, []);
	t.is(summary.badSignatures, 0);
	t.is(summary.otherBodies, 0);
	t.true(events.length >= changes, 'an answered change has its event');
	t.deepEqual(await committed(db), events.map(changeOf).toSorted());
	if (isLong) t.true(summary.acceptedTwice <= mostTwice * events.length);
	t.deepEqual(
		events.map(({sequence}) => Number(sequence)),
		events.map((_, i) => i + 1),
	);
	t.true(Object.keys(run.counts).length > 1);
});

/** The receiver fails at times, in the ways that receivers do. */
function misbehave(receiver: Receiver, random: Random): void {
	receiver.answer((request, response) => {
		const chance = random.next();
		if (chance < 0.04) response.writeHead(500).end();
		else if (chance < 0.06) request.socket.destroy();
		else if (chance < 0.1) setTimeout(() => response.writeHead(200).end('late'), 300);
		else response.writeHead(204).end();
	});
}

type SetUp = {url: string; organisationId: string; secret: string; logIn: () => Promise<string>};

async function setUp({url}: Member, receiver: Receiver): Promise<SetUp> {
	const logIn = async () => {
		const answer = await call(url, '/api/v1/auth/login', {body: administrator});
		return (answer.json() as {access_token: string}).access_token;
	};
	const bearer = await logIn();
	const organisations = await call(url, '/api/v1/organizations', {bearer});
	const organisationId = (organisations.json() as {id: string}[])[0]?.id ?? '';
	const made = await call(url, `/api/v1/organizations/${organisationId}/webhooks`, {
		bearer,
		body: {url: receiver.url, event_types: ['key.created', 'key.revoked']},
	});
	return {url, organisationId, logIn, secret: createdEndpoint.parse(made.json()).secret};
}

/** Creates and revokes keys until it is over. @returns how many changes were answered with success */
async function makeChanges(setup: SetUp, random: Random, isOver: () => boolean): Promise<number> {
	const {url, organisationId, logIn} = setup;
	const path = `/api/v1/organizations/${organisationId}/api-keys`;
	const keys: string[] = [];
	let bearer = await logIn();
	let answered = 0;
	const attempt = (send: () => Promise<Answer>) => send().catch(() => undefined);
	while (!isOver()) {
		const revoked = random.chance(0.3) ? keys.pop() : undefined;
		const answer = await attempt(() =>
			revoked === undefined
				? call(url, path, {bearer, body: {name: 'proof'}, timeoutMs: 10_000})
				: call(url, `${path}/${revoked}`, {method: 'DELETE', bearer, timeoutMs: 10_000}),
		);
		if (answer?.status === 201) keys.push((answer.json() as {id: string}).id);
		if (answer?.status === 201 || answer?.status === 200) answered++;
		if (answer?.status === 401) bearer = await logIn().catch(() => bearer);
		await sleep(random.between(5, 40));
	}
	return answered;
}

/** One fault after another until told to stop; everything runs again when it is over. */
async function causeFaults(run: Run, startWorker: () => Promise<WorkerProgram>): Promise<void> {
	const {services, member, workers, random, signal, counts} = run;
	const {postgres, redis} = services;
	const kinds: [string, number, () => Promise<void>][] = [
		[
			'kill -9 of a worker',
			4,
			async () => {
				const at = Math.floor(random.between(0, workers.length));
				const victim = workers[at];
				victim?.kill('SIGKILL');
				await victim?.exited;
				workers[at] = await startWorker();
			},
		],
		[
			'SIGTERM of a worker',
			1,
			async () => {
				const at = Math.floor(random.between(0, workers.length));
				await workers[at]?.stop();
				workers[at] = await startWorker();
			},
		],
		['kill -9 of the server', 2, () => member.restart()],
		[
			'kill -9 of Redis',
			2,
			async () => {
				process.kill(redis.pid, 'SIGKILL');
				await sleep(random.between(100, 2000));
				await redis.start();
			},
		],
		['FLUSHALL', 3, () => empty(redis)],
		[
			'Redis back without its data',
			1,
			async () => {
				process.kill(redis.pid, 'SIGKILL');
				await redis.start();
				await empty(redis);
			},
		],
		[
			'PostgreSQL away for a while',
			1,
			async () => {
				await postgres.stop();
				await sleep(random.between(2000, isLong ? 15_000 : 3000));
				await postgres.start();
			},
		],
		[
			'immediate restart of PostgreSQL',
			2,
			async () => {
				process.kill(postgres.pid, 'SIGQUIT');
				await sleep(random.between(50, 1000));
				await postgres.start();
			},
		],
	];
	const bag = kinds.flatMap((kind) => Array.from({length: kind[1]}, () => kind));
	while (!signal.aborted) {
		await sleep(random.between(500, 3000));
		const kind = random.pick(bag);
		if (kind === undefined || signal.aborted) continue;
		const [name, , cause] = kind;
		counts[name] = (counts[name] ?? 0) + 1;
		await cause();
	}
}

async function empty(redis: TestRedis): Promise<void> {
	const client = new Redis(redis.clientSettings);
	await client.flushall().finally(() => client.disconnect());
}

/** What the keys say has happened, each change once. */
async function committed(db: Knex): Promise<string[]> {
	const keys = await db('api_keys').select('id', 'revoked_at');
	return keys
		.flatMap(({id, revoked_at: at}) => [
			`key.created ${id}`,
			...(at === null ? [] : [`key.revoked ${id}`]),
		])
		.toSorted();
}

function changeOf({payload}: {payload: string}): string {
	const {type, data} = JSON.parse(payload) as {type: string; data: {key: {id: string}}};
	return `${type} ${data.key.id}`;
}

async function waiting(db: Knex): Promise<number> {
	const rows = await db('webhook_deliveries')
		.whereIn('status', ['pending', 'queued', 'sending'])
		.select('id')
		.catch(() => [{id: 'unknown'}]);
	return rows.length;
}

function judge(
	receiver: Receiver,
	secret: string,
	events: readonly {id: string; payload: string}[],
) {
	const verifier = new Webhook(secret);
	const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
	const written = new Map(events.map(({id, payload}) => [id, payload]));
	const came = new Set<string>();
	const accepted = new Map<string, number>();
	let badSignatures = 0;
	let otherBodies = 0;
	for (const {headers, body, status = 0} of receiver.received) {
		const id = headers['webhook-id'] ?? '';
		came.add(id);
		if (status >= 200 && status < 300) accepted.set(id, (accepted.get(id) ?? 0) + 1);
		if (written.get(id) !== body) otherBodies++;
		// Signed anew by the library: its own tolerance of time is for receivers, not for histories.
		const timestamp = new Date(Number(headers['webhook-timestamp']) * 1000);
		const text = `${id}.${headers['webhook-timestamp']}.${body}`;
		const own = `v1,${createHmac('sha256', key).update(text).digest('base64')}`;
		const signature = headers['webhook-signature'];
		if (signature !== own || signature !== verifier.sign(id, timestamp, body)) badSignatures++;
	}
	return {
		events: events.length,
		received: receiver.received.length,
		acceptedTwice: [...accepted.values()].filter((count) => count > 1).length,
		lost: [...written.keys()].filter((id) => !came.has(id)),
		phantom: [...came].filter((id) => !written.has(id)),
		badSignatures,
		otherBodies,
	};
}
