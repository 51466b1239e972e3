import {setTimeout as sleep} from 'node:timers/promises';
import type {Redis} from 'ioredis';
import type {Knex} from 'knex';

export type DependencyState = {state: 'ok' | 'degraded' | 'down'; detail?: string};

/** A check that takes longer than this counts as failed, in milliseconds. */
const patienceMs = 1000;
/** Answers are kept this long: probes must not load what they probe. */
const freshMs = 500;

/** Asks PostgreSQL and Redis how they are, each at most twice a second. */
export function readiness(deps: {db: Knex; redis: Redis}) {
	const postgresql = remembered(async () => {
		await deps.db.raw('select 1');
	});
	const redis = remembered(async () => {
		await deps.redis.ping();
	});
	return {
		postgresql: async (): Promise<DependencyState> =>
			(await postgresql()) ? {state: 'ok'} : {state: 'down', detail: 'PostgreSQL does not answer'},
		redis: async (): Promise<DependencyState> =>
			(await redis())
				? {state: 'ok'}
				: {state: 'degraded', detail: 'Redis does not answer; last use is written to PostgreSQL'},
	};
}

function remembered(check: () => Promise<void>): () => Promise<boolean> {
	let answer: Promise<boolean> | undefined;
	let askedAt = 0;
	return async () => {
		const now = performance.now();
		if (answer === undefined || now - askedAt > freshMs) {
			askedAt = now;
			answer = within(check());
		}
		return answer;
	};
}

async function within(check: Promise<void>): Promise<boolean> {
	const timer = new AbortController();
	try {
		const late = sleep(patienceMs, false, {signal: timer.signal}).catch(() => false);
		return await Promise.race([check.then(() => true), late]);
	} catch {
		return false;
	} finally {
		timer.abort();
	}
}
