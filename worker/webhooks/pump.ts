import type {Queue} from 'bullmq';
import {listen} from '../../core/db/listen.ts';
import {deliveriesChannel} from '../../core/events/publish.ts';
import {
	cancelLeftOver,
	claimDue,
	giveBack,
	takeBackLost,
	type Due,
} from '../../core/webhooks/deliveries/queue.ts';
import {randomUUID} from 'node:crypto';
import type {WorkerDeps} from '../deps.ts';

/** Without an announcement PostgreSQL is asked this often: retries come due by themselves. */
const pollMs = 1000;
const takeBackMs = 5000;
/**
 * How long to wait before filling the room that finished attempts leave: several finish in that
 * time.
 */
const refillMs = 20;
/** Attempts that never finished, such as those of killed workers, besides those of the schedule. */
const mostUnfinished = 10;

export type Pump = {
	/** When deliveries were last asked for, in milliseconds since the epoch; 0: never. */
	lastPass: () => number;
	/** Looks now for what is due. */
	wake: () => void;
	/** Looks soon, as there is room for more where more is due. */
	refill: () => void;
	/** Takes nothing more, once what it is doing is done. */
	stop: () => Promise<void>;
};

/**
 * Moves deliveries that are due from PostgreSQL to the queue, at once when one is announced. One
 * pass at a time; several workers share the work by skipping each other's rows.
 *
 * @param isReady whether Redis takes jobs now: nothing is claimed that would only lie there
 */
export function startPump(deps: WorkerDeps, queue: Queue<Due>, isReady: () => boolean): Pump {
	const {db, log, config, clock} = deps;
	let lastPass = 0;
	let isStopped = false;
	let running: Promise<void> | undefined;
	let isWanted = false;
	let isAway = false;
	/** Whether more was due than there was room for. */
	let isFull = false;
	let refilling: NodeJS.Timeout | undefined;

	async function pass(): Promise<void> {
		if (!isReady()) return;
		try {
			let taken: number;
			do {
				const {due, isMore} = await claimDue(db);
				isFull = isMore;
				taken = due.length;
				if (taken > 0) await enqueue(due);
			} while (isFull && taken > 0 && !isStopped);
			lastPass = clock.now();
			isAway = false;
		} catch (error) {
			if (!isAway) log.warn({error}, 'deliveries that are due could not be queued');
			isAway = true;
		}
	}

	async function enqueue(due: readonly Due[]): Promise<void> {
		try {
			await queue.addBulk(
				due.map((data) => ({
					name: 'deliver',
					data,
					// Unique: a job that BullMQ still knows would swallow one of the same name.
					opts: {
						jobId: `${data.id}_${data.attempt}_${randomUUID()}`,
						timestamp: clock.now(),
					},
				})),
			);
		} catch (error) {
			await giveBack(db, due);
			throw error;
		}
	}

	async function takeBack(): Promise<void> {
		const {due, dead} = await takeBackLost(db, config.webhookRetrySeconds.length + mostUnfinished);
		if (due > 0) log.info({count: due}, 'deliveries that were lost on the way are due again');
		if (dead > 0) log.error({count: dead}, 'deliveries are given up: no attempt came to an end');
		await cancelLeftOver(db);
	}

	/** Runs a pass now, or right after the one that is running: it may have looked too early. */
	function wake(): void {
		if (isStopped) return;
		if (running !== undefined) {
			isWanted = true;
			return;
		}
		isWanted = false;
		running = pass().finally(() => {
			running = undefined;
			if (isWanted) wake();
		});
	}

	const unlisten = listen(config.directDatabase, deliveriesChannel, wake, log);
	const poll = setInterval(wake, pollMs);
	const lookForLost = setInterval(() => {
		takeBack().catch((error: unknown) => log.debug({error}, 'lost deliveries were not looked for'));
	}, takeBackMs);

	return {
		lastPass: () => lastPass,
		wake,
		refill() {
			if (!isFull) return;
			refilling ??= setTimeout(() => {
				refilling = undefined;
				wake();
			}, refillMs);
		},
		async stop() {
			isStopped = true;
			unlisten();
			clearInterval(poll);
			clearInterval(lookForLost);
			clearTimeout(refilling);
			await running;
		},
	};
}
