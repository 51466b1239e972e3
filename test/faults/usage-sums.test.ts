import test, {type ExecutionContext} from 'ava';
import {Redis} from 'ioredis';
import type {Grouping, UsageStep} from '../../contract/usage.ts';
import type {Server, WorkerProgram} from '../helpers/appliance.ts';
import {createOwnServices, uncaught, type OwnServices} from '../helpers/faults.ts';
import {eventually} from '../helpers/program.ts';
import {valueOf} from '../metrics/scrape.ts';
import {
	makeLoadKeys,
	notToldApart,
	readSums,
	startLoad,
	sumsOf,
	type Check,
	type LoadWorld,
	type Told,
} from '../usage/load.ts';

/*
A load of known size through what may happen to servers, workers and Redis: what the appliance tells of it is
held against every answer that was given.
*/

const quick = {LATCHKEY_USAGE_FLUSH_MS: '200'};
let services: OwnServices;
let servers: [Server, Server];
let worker: WorkerProgram;
let jwt: string;
let world: LoadWorld;
/** Of all loads so far. */
const told: Told = {answered: [], unanswered: []};
/** Answered by a server that was killed, after the last moment of which all was sent on. */
const mayBeLost = new Set<Check>();

test.before(async () => {
	services = await createOwnServices();
	const {appliance} = services;
	servers = [await appliance.startServer(), await appliance.startServer()];
	worker = await appliance.startWorker(quick);
	jwt = await servers[0].logIn();
	world = await makeLoadKeys(servers[0], jwt);
});

test.after.always(() => services.appliance.stop());

/** Runs loads on both servers while something is done to the appliance. */
async function underLoad(
	work: (
		progress: (checks: number) => Promise<void>,
		place: (Server | undefined)[],
	) => Promise<void>,
): Promise<void> {
	const place: (Server | undefined)[] = [...servers];
	const loads = [0, 1].map((i) => startLoad(world, jwt, () => place[i]));
	/** Waits until so many more checks were answered, by each of the servers that are there. */
	const progress = async (checks: number) => {
		const from = loads.map((load) => load.told.answered.length);
		await eventually(
			() =>
				loads.every(
					(load, i) =>
						place[i] === undefined || load.told.answered.length >= (from[i] ?? 0) + checks,
				),
			{what: `${checks} more checks`},
		);
	};
	try {
		await progress(300);
		await work(progress, place);
		await progress(300);
	} finally {
		for (const load of loads) {
			const {answered, unanswered} = await load.stop();
			told.answered.push(...answered);
			told.unanswered.push(...unanswered);
		}
	}
}

const asked: readonly [Grouping, UsageStep][] = [
	['outcome', 'hour'],
	['outcome', 'day'],
	['key', 'day'],
	['owner', 'day'],
	['tag', 'day'],
	['tag', 'hour'],
	['address', 'day'],
	['address', 'month'],
];

/** What is told of the load must lie between two sums of it, by everything that it is told by. */
async function assertBetween(t: ExecutionContext, least: Check[], most: Check[]): Promise<void> {
	const server = servers[1];
	const total = async () => {
		const sums = await Promise.all(
			world.organisations.map((organisation) =>
				readSums(server, jwt, {organisation}, 'outcome', 'hour'),
			),
		);
		return sums.flatMap((of) => Object.values(of)).reduce((all, {total: of}) => all + of, 0);
	};
	await eventually(async () => (await total()) >= least.length, {
		what: `${least.length} checks to be counted`,
	});
	// What is still on its way, be it too much.
	for (let passes = 0; passes < 2; passes++) {
		const before = await worker.lastFlush();
		await eventually(async () => (await worker.lastFlush()) > before, {what: 'a pass of usage'});
	}
	const faults: string[] = [];
	const compare = async (
		of: {organisation: string; key?: string},
		grouping: Grouping,
		step: UsageStep,
	) => {
		const mine = (check: Check) =>
			check.key.organisation === of.organisation &&
			(of.key === undefined || check.key.id === of.key);
		const [low, high] = [least, most].map((checks) => sumsOf(checks.filter(mine), grouping));
		// A check of which a killed server had sent on the outcome, but not from where it was.
		const halfLost = [...mayBeLost, ...told.unanswered].filter(mine);
		if (high && halfLost.length > 0) {
			high[notToldApart] = {total: halfLost.length, refused: halfLost.length};
		}
		const found = await readSums(server, jwt, of, grouping, step);
		for (const group of new Set([...Object.keys(high ?? {}), ...Object.keys(found)])) {
			for (const member of ['total', 'refused'] as const) {
				const [from, is, to] = [low, found, high].map((sums) => sums?.[group]?.[member] ?? 0);
				if ((is ?? 0) < (from ?? 0) || (is ?? 0) > (to ?? 0)) {
					faults.push(
						`${of.key ?? 'organisation'} ${step} ${group} ${member}: ${from} ≤ ${is} ≤ ${to}`,
					);
				}
			}
		}
	};
	for (const organisation of world.organisations) {
		for (const [grouping, step] of asked) await compare({organisation}, grouping, step);
	}
	for (const {id, organisation} of world.keys) {
		for (const grouping of ['outcome', 'tag', 'address'] as const) {
			await compare({organisation, key: id}, grouping, 'day');
		}
	}
	t.deepEqual(faults, []);
}

test.serial(
	'workers and Redis are killed, and Redis is emptied: every sum is that of the load',
	async (t) => {
		await underLoad(async (progress) => {
			for (let round = 0; round < 2; round++) {
				worker.kill('SIGKILL');
				await worker.exited;
				await progress(300);
				worker = await services.appliance.startWorker(quick);
				await progress(300);
				process.kill(services.redis.pid, 'SIGKILL');
				await progress(300);
				await services.redis.start();
				await progress(300);
			}
			worker.kill('SIGKILL');
			await worker.exited;
			const redis = new Redis(services.redis.clientSettings);
			await redis.flushall();
			redis.disconnect();
			await progress(300);
			worker = await services.appliance.startWorker(quick);
		});
		t.deepEqual(told.unanswered, [], 'nothing of it is seen by callers');
		t.log(`${told.answered.length} checks`);
		await assertBetween(t, told.answered, told.answered);
	},
);

test.serial('a server is stopped: nothing is lost', async (t) => {
	await underLoad(async (progress, place) => {
		const [, stopped] = servers;
		place[1] = undefined;
		t.is(await stopped.stop(), 0);
		servers[1] = await services.appliance.startServer({LATCHKEY_PORT: String(stopped.port)});
		place[1] = servers[1];
		await progress(300);
	});
	// What was on its way when the port was closed may have been counted, or not.
	await assertBetween(t, told.answered, [...told.answered, ...told.unanswered]);
});

test.serial(
	'a server is killed: at most what it had not sent on is lost, and nothing else',
	async (t) => {
		for (let round = 0; round < 2; round++) {
			const [victim] = servers;
			let sentUntil = Number.POSITIVE_INFINITY;
			await underLoad(async (progress, place) => {
				const askedAt = performance.now();
				const {text} = await victim.call('/metrics');
				const unsent = valueOf(text, 'latchkey_usage_unsent_seconds');
				if (unsent === undefined) throw new Error('the server does not tell what it has sent');
				sentUntil = askedAt - unsent * 1000;
				place[0] = undefined;
				victim.kill('SIGKILL');
				await victim.exited;
				servers[0] = await services.appliance.startServer({LATCHKEY_PORT: String(victim.port)});
				place[0] = servers[0];
				await progress(300);
				t.log(`all until ${Math.round(unsent * 1000)} ms before was sent on`);
			});
			for (const check of told.answered) {
				if (check.by === victim && check.at >= sentUntil) mayBeLost.add(check);
			}
		}
		t.log(`${told.answered.length} checks, of which ${mayBeLost.size} may be lost`);
		t.true(mayBeLost.size < told.answered.length / 2, 'or this would show nothing');
		await assertBetween(
			t,
			told.answered.filter((check) => !mayBeLost.has(check)),
			[...told.answered, ...told.unanswered],
		);
	},
);

test.afterEach((t) => {
	t.deepEqual([...servers, worker].flatMap(uncaught), []);
});
