import {bySystem} from '../../core/actor.ts';
import {isAnyIdle} from '../../core/keys/idle/due.ts';
import {suspendIdleKeys, tellIdleKeys} from '../../core/keys/idle/suspend.ts';
import type {WorkerDeps} from '../deps.ts';
import {runOnce as flushUsage} from './flush-usage.ts';
import {inBatches} from './in-batches.ts';

const by = bySystem('worker');

/** Tells of keys that nobody uses, and later suspends them, once all uses until then are known. */
export async function runOnce(deps: WorkerDeps): Promise<{told: number; suspended: number}> {
	const {db, clock, knownUsage} = deps;
	const due = await isAnyIdle(db);
	if (!due.notices && !due.suspensions) return {told: 0, suspended: 0};
	const until = await knownUsage.until(db, () => flushUsage(deps));
	if (until === undefined) return {told: 0, suspended: 0};
	const told = await inBatches((most) => tellIdleKeys(db, by, {until, most}));
	const suspended = due.suspensions
		? await inBatches((most) => suspendIdleKeys(db, by, clock, {until, most}))
		: 0;
	return {told, suspended};
}
