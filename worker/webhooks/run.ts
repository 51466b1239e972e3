import {Queue, type ConnectionOptions} from 'bullmq';
import {webhookQueue} from '../../core/jobs.ts';
import {isConnected, knownNodes} from '../../core/redis/cluster.ts';
import {connectRedisForQueues, type RedisClient} from '../../core/redis/connect.ts';
import {openSending} from '../../core/webhooks/sending/options.ts';
import {slotsOfWorker, type Due} from '../../core/webhooks/deliveries/queue.ts';
import {withTimeout} from '../../core/with-timeout.ts';
import type {WorkerDeps} from '../deps.ts';
import {PatientWorker} from '../patient-worker.ts';
import {deliver} from './deliver.ts';
import {startPump} from './pump.ts';

/** A job of a worker that died is taken over after about this long; its lease ends later still. */
const lockMs = 10_000;
const stalledCheckMs = 5000;
const askMs = 1000;

export type WebhookWorker = {
	/** When deliveries were last asked for, in milliseconds since the epoch; 0: never. */
	lastPass: () => number;
	/** Whether deliveries are being taken. */
	isRunning: () => boolean;
	/** Takes no more deliveries and waits for those in hand, at most `timeoutMs`; then they are cut. */
	stop: (timeoutMs: number) => Promise<void>;
};

/** Sends webhooks until stopped: a pump fills the queue, this worker empties it. */
export async function startWebhooks(deps: WorkerDeps): Promise<WebhookWorker> {
	const {config, log, redis, names, clock} = deps;
	const cut = new AbortController();
	const {options, stop: stopLookUps} = await openSending(
		config,
		() => knownNodes(redis),
		clock.now,
		cut.signal,
	);
	const connections = [0, 1].map(() => connectRedisForQueues(config.redis, log));
	const [forQueue, forWorker] = connections as [RedisClient, RedisClient];
	const queue = new Queue<Due>(webhookQueue, {
		connection: forQueue as ConnectionOptions,
		prefix: names.queuePrefix,
		skipVersionCheck: true,
		streams: {events: {maxLen: 1000}},
		// PostgreSQL knows how it went: nothing of a job is kept.
		defaultJobOptions: {attempts: 1, removeOnComplete: true, removeOnFail: true},
	});
	const inHand = new Set<Promise<unknown>>();
	const worker = new PatientWorker<Due>(
		log,
		webhookQueue,
		async (job) => {
			const work = deliver(deps, options, job.data);
			inHand.add(work);
			await work.finally(() => {
				inHand.delete(work);
				pump.refill();
			});
		},
		{
			connection: forWorker as ConnectionOptions,
			prefix: names.queuePrefix,
			concurrency: slotsOfWorker,
			lockDuration: lockMs,
			stalledInterval: stalledCheckMs,
			maxStalledCount: 1,
			skipVersionCheck: true,
		},
	);
	worker.on('failed', (job, error) =>
		log.warn({delivery_id: job?.data.id, error}, 'an attempt was not ended; it is made again'),
	);
	queue.on('error', (error) => log.debug({error}, 'webhook queue'));
	const pump = startPump(deps, queue, () => isConnected(forQueue, names.probe));
	forQueue.on('ready', pump.wake);

	return {
		lastPass: pump.lastPass,
		isRunning: () =>
			worker.isRunning() && isConnected(forWorker, names.probe) && !worker.isRefused(),
		async stop(timeoutMs) {
			stopLookUps();
			await withTimeout(pump.stop(), timeoutMs / 4).catch(() => {});
			const closing = worker.close().catch(() => {});
			await withTimeout(Promise.allSettled(inHand), timeoutMs / 2).catch(() => cut.abort());
			await withTimeout(Promise.allSettled(inHand), timeoutMs / 4).catch(() => {});
			// With Redis away BullMQ's own close waits for it to come back.
			const isThere = await withTimeout(forQueue.exists(names.probe), askMs).catch(() => false);
			if (isThere !== false) await withTimeout(closing, timeoutMs / 4).catch(() => {});
			for (const connection of connections) connection.disconnect();
		},
	};
}
