import {settleUsage, type SettleCounts} from '../../core/usage/settle.ts';
import type {WorkerDeps} from '../deps.ts';

/** Moves counts and last-used times from Redis to PostgreSQL. */
export function runOnce(deps: WorkerDeps): Promise<SettleCounts> {
	return settleUsage({
		redis: deps.redis,
		names: deps.names,
		db: deps.db,
		settled: deps.settledUsage,
		now: deps.clock.now,
	});
}
