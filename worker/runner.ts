import {Queue, type ConnectionOptions} from 'bullmq';
import {jobNames, maintenanceQueue} from '../core/jobs.ts';
import {isConnected} from '../core/redis/cluster.ts';
import {connectRedisForQueues, type RedisClient} from '../core/redis/connect.ts';
import {Refusals} from '../core/redis/refusal.ts';
import {withTimeout} from '../core/with-timeout.ts';
import type {WorkerDeps} from './deps.ts';
import type {Pass} from './metrics.ts';
import {PatientWorker} from './patient-worker.ts';
import {startPlanner, type Planned} from './planner.ts';
import {schedule} from './schedule.ts';

/** A job of a worker that died is taken over after about this long. */
const lockMs = 4000;
const stalledCheckMs = 3000;
/** A pass that takes longer is given up: its lock would be renewed for ever. */
const passTimeoutMs = 60_000;
/** At the end, a Redis that does not answer within this time is not waited for. */
const askMs = 1000;
/** With so many jobs waiting nobody takes them, and more are of no use: they are planned later. */
const mostWaiting = 5 * schedule.length;
/** Finished jobs are remembered, for more than a minute, so that none is planned again. */
const remembered = {removeOnComplete: 500, removeOnFail: 100} as const;

export type Runner = {
	/** Whether jobs are being taken. */
	isRunning: () => boolean;
	/** When the last pass of usage ended well, in milliseconds since the epoch; 0: never. */
	lastFlush: () => number;
	/** The jobs whose last pass here failed. */
	failing: () => string[];
	/**
	 * Takes no more jobs and waits for those in hand, at most `timeoutMs`.
	 *
	 * @returns whether they ended and Redis knows of it; else another worker does them again
	 */
	stop: (timeoutMs: number) => Promise<boolean>;
};

/**
 * Runs the schedule: plans the repeated jobs and works on them until stopped.
 *
 * @param note hears of each pass that ended
 */
export function startRunner(deps: WorkerDeps, note: (pass: Pass) => void): Runner {
	const {config, log, names, clock} = deps;
	const connections = [0, 1].map(() => connectRedisForQueues(config.redis, log));
	const [forQueue, forWorker] = connections as [RedisClient, RedisClient];
	const queue = new Queue(maintenanceQueue, {
		connection: forQueue as ConnectionOptions,
		prefix: names.queuePrefix,
		skipVersionCheck: true,
	});
	let lastFlush = 0;
	const inHand = new Set<Promise<unknown>>();
	const failing = new Set<string>();

	const worker = new PatientWorker(
		log,
		maintenanceQueue,
		async (job) => {
			const planned = schedule.find((candidate) => candidate.name === job.name);
			if (planned === undefined) throw new Error(`no such job: ${job.name}`);
			const begunAt = performance.now();
			const waited = (clock.now() - job.timestamp) / 1000;
			const ended = (isDone: boolean) => {
				const took = (performance.now() - begunAt) / 1000;
				note({task: planned.name, waited, took, isDone, endedAt: clock.now() / 1000});
			};
			const pass = planned.runOnce(deps);
			inHand.add(pass);
			const within = withTimeout(pass, passTimeoutMs).finally(() => inHand.delete(pass));
			within.then(
				() => ended(true),
				() => ended(false),
			);
			const counts = await within;
			if (planned.name === 'flush-usage') lastFlush = clock.now();
			log.debug({job: job.name, ...counts}, 'pass done');
			return counts;
		},
		{
			connection: forWorker as ConnectionOptions,
			prefix: names.queuePrefix,
			concurrency: 2,
			lockDuration: lockMs,
			stalledInterval: stalledCheckMs,
			maxStalledCount: 1,
			skipVersionCheck: true,
		},
	);
	worker.on('completed', ({name}) => failing.delete(name));
	worker.on('failed', (job, error) => {
		if (schedule.some(({name}) => name === job?.name)) failing.add(job?.name ?? '');
		log.warn({job: job?.name, error}, 'pass failed; the next one tries again');
	});
	queue.on('error', (error) => log.debug({error}, 'queue'));

	const planning = new Refusals(log, 'no work is planned');
	const add = async (due: Planned[]) => {
		if (!isConnected(forQueue, names.probe)) throw new Error('Redis is away');
		try {
			if ((await queue.getWaitingCount()) > mostWaiting) throw new Error('no work is taken');
			await queue.addBulk(
				due.map(({id, name}) => ({
					name,
					data: {},
					opts: {...remembered, jobId: id, timestamp: clock.now(), attempts: 1},
				})),
			);
			planning.clear();
		} catch (error) {
			planning.note(error);
			throw error;
		}
	};
	const work = schedule.map(({name, everyMs}) => ({name, everyMs: everyMs(deps)}));
	const endPlanner = startPlanner(work, clock.now, add);

	// What the previous version planned is in Redis with its future times, and repeats itself.
	const forgetSchedulers = () => {
		Promise.all(jobNames.map((name) => queue.removeJobScheduler(name))).catch((error: unknown) =>
			log.debug({error}, 'the schedule of the version before could not be removed'),
		);
	};
	forQueue.on('ready', forgetSchedulers);

	return {
		isRunning: () =>
			worker.isRunning() &&
			isConnected(forWorker, names.probe) &&
			!worker.isRefused() &&
			!planning.isRefused(),
		lastFlush: () => lastFlush,
		failing: () => [...failing],
		async stop(timeoutMs) {
			endPlanner();
			const deadline = performance.now() + timeoutMs;
			const closing = worker.close().then(() => true);
			await withTimeout(Promise.allSettled(inHand), timeoutMs).catch(() => {});
			// With Redis away BullMQ's own close waits for it to come back.
			const isThere = await withTimeout(forQueue.exists(names.probe), askMs).catch(() => false);
			const leftMs = isThere === false ? 0 : deadline - performance.now();
			const isClosed = await withTimeout(closing, leftMs).catch(() => false);
			for (const connection of connections) connection.disconnect();
			return isClosed;
		},
	};
}
