import type {Router} from '@koa/router';
import type {Ready} from '../../contract/health.ts';
import type {Deps} from '../../core/deps.ts';
import {createReadiness} from '../../core/health/readiness.ts';
import {createRedisNames} from '../../core/redis/names.ts';
import {version} from '../../core/version.ts';
import {mount} from '../http/route.ts';

/** Set when the process was told to stop: balancers send no new requests. */
export type Draining = {isDraining: boolean};

export function mountHealth(router: Router, deps: Deps, draining: Draining): void {
	const state = createReadiness({...deps, names: createRedisNames(deps.config.redis.prefix)});

	mount(router, deps, 'live', async () => ({status: 'ok'}));

	// Not a problem answer when not ready: the body lists each dependency either way.
	mount(router, deps, 'ready', async ({ctx}) => {
		const [postgresql, redis] = await Promise.all([state.postgresql(), state.redis()]);
		const status = draining.isDraining
			? 'draining'
			: postgresql.state === 'down'
				? 'unavailable'
				: postgresql.state === 'ok' && redis.state === 'ok'
					? 'ready'
					: 'degraded';
		if (status === 'draining' || status === 'unavailable') ctx.state.status = 503;
		return {status, version, dependencies: {postgresql, redis}} satisfies Ready;
	});
}
