import {Queue, Worker, type ConnectionOptions} from 'bullmq';
import type {Redis} from 'ioredis';
import {maintenanceQueue} from '../core/jobs.ts';
import {connectRedisForQueues} from '../core/redis/connect.ts';
import type {WorkerDeps} from './deps.ts';
import {schedule} from './schedule.ts';
import {within} from '../core/within.ts';

/** BullMQ forgets its schedulers when Redis loses its data: they are set again this often. */
const rescheduleMs = 5000;
/** A job of a worker that died is taken over after about this long. */
const lockMs = 4000;
const stalledCheckMs = 3000;
/** A pass that takes longer is given up: its lock would be renewed for ever. */
const passTimeoutMs = 60_000;
/** Redis that does not answer for this long at the end is not waited for. */
const pingMs = 1000;

export type Runner = {
	/** Whether jobs are being taken. */
	isRunning: () => boolean;
	/** When the last pass of usage ended well, in milliseconds since the epoch; 0: never. */
	lastFlush: () => number;
	/**
	 * Takes no more jobs and waits for those in hand, at most `timeoutMs`.
	 *
	 * @returns whether they ended and Redis knows of it; else another worker does them again
	 */
	stop: (timeoutMs: number) => Promise<boolean>;
};

/** Runs the schedule: sets up the repeating jobs and works on them until stopped. */
export function startRunner(deps: WorkerDeps): Runner {
	const {config, log, names} = deps;
	const connections = [0, 1].map(() => connectRedisForQueues(config.redis, log));
	const [forQueue, forWorker] = connections as [Redis, Redis];
	const queue = new Queue(maintenanceQueue, {
		connection: forQueue as ConnectionOptions,
		prefix: names.queuePrefix,
	});
	let lastFlush = 0;
	const inHand = new Set<Promise<unknown>>();

	const worker = new Worker(
		maintenanceQueue,
		async (job) => {
			const planned = schedule.find((candidate) => candidate.name === job.name);
			if (planned === undefined) throw new Error(`no such job: ${job.name}`);
			const pass = planned.runOnce(deps);
			inHand.add(pass);
			const counts = await within(pass, passTimeoutMs).finally(() => inHand.delete(pass));
			if (planned.name === 'flush-usage') lastFlush = Date.now();
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
		},
	);
	worker.on('failed', (job, error) =>
		log.warn({job: job?.name, error}, 'pass failed; the next one tries again'),
	);
	// Connection faults are logged once by the connections themselves.
	worker.on('error', (error) => log.debug({error}, 'queue worker'));
	queue.on('error', (error) => log.debug({error}, 'queue'));

	const plan = async () => {
		for (const {name, everyMs} of schedule) {
			await queue.upsertJobScheduler(
				name,
				{every: everyMs(deps)},
				{name, opts: {removeOnComplete: 10, removeOnFail: 100, attempts: 1}},
			);
		}
	};
	let isPlanning = false;
	const replan = () => {
		if (isPlanning || forQueue.status !== 'ready') return;
		isPlanning = true;
		plan()
			.catch((error: unknown) => log.warn({error}, 'the schedule could not be set'))
			.finally(() => {
				isPlanning = false;
			});
	};
	forQueue.on('ready', replan);
	const timer = setInterval(replan, rescheduleMs);

	return {
		isRunning: () => worker.isRunning() && forWorker.status === 'ready',
		lastFlush: () => lastFlush,
		async stop(timeoutMs) {
			clearInterval(timer);
			const deadline = performance.now() + timeoutMs;
			const closing = worker.close().then(() => true);
			await within(Promise.allSettled(inHand), timeoutMs).catch(() => {});
			// With Redis away BullMQ's own close waits for it to come back.
			const isThere = await within(forQueue.ping(), pingMs).catch(() => false);
			const leftMs = isThere === false ? 0 : deadline - performance.now();
			const isClosed = await within(closing, leftMs).catch(() => false);
			for (const connection of connections) connection.disconnect();
			return isClosed;
		},
	};
}
