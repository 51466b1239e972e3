import {randomUUID} from 'node:crypto';
import os from 'node:os';
import {beat, heartbeatMs, sayStopped} from '../core/workers/store.ts';
import {version} from '../core/version.ts';
import type {WorkerDeps} from './deps.ts';
import type {Runner} from './runner.ts';
import type {WebhookWorker} from './webhooks/run.ts';

/**
 * Writes to PostgreSQL, again and again, that this worker is there, and sets its clock by the answer.
 * What is written is for people alone: with PostgreSQL away it is simply not seen.
 *
 * @returns what writes that it ends
 */
export function startHeartbeat(
	{db, log, clock}: WorkerDeps,
	{runner, webhooks}: {runner: Runner; webhooks: WebhookWorker},
): () => Promise<void> {
	const id = randomUUID();
	const name = `${os.hostname()}/${process.pid}`;
	let underWay: Promise<void> | undefined;
	const tell = () => {
		underWay ??= beat(db, clock, {
			id,
			name,
			version,
			takesJobs: runner.isRunning() && webhooks.isRunning(),
			failingJobs: runner.failing(),
			flushedAt: runner.lastFlush(),
			pumpedAt: webhooks.lastPass(),
		})
			.catch((error: unknown) => log.debug({error}, 'the heartbeat was not written'))
			.finally(() => {
				underWay = undefined;
			});
	};
	tell();
	const timer = setInterval(tell, heartbeatMs);
	return async () => {
		clearInterval(timer);
		await underWay;
		await sayStopped(db, id);
	};
}
