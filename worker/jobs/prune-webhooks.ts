import {pruneEvents} from '../../core/webhooks/prune.ts';
import type {WorkerDeps} from '../deps.ts';

/** Deletes events with their deliveries and attempts, once they are old and nothing waits. */
export async function runOnce({db, config}: WorkerDeps): Promise<{deleted: number}> {
	return {deleted: await pruneEvents(db, config.webhookRetentionDays)};
}
