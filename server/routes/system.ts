import type {Router} from '@koa/router';
import type {Deps} from '../../core/deps.ts';
import {systemState} from '../../core/health/system.ts';
import {redisNames} from '../../core/redis/names.ts';
import {mount} from '../http/route.ts';

export function mountSystem(router: Router, deps: Deps): void {
	const names = redisNames(deps.config.redis.prefix);
	const state = systemState({...deps, names});
	mount(router, deps, 'system', () => state());
}
