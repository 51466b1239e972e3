import type {Router} from '@koa/router';
import type {Deps} from '../../core/deps.ts';
import {createServerDoctor} from '../../core/doctor/patient.ts';
import {createSystemState} from '../../core/health/system.ts';
import {createRedisNames} from '../../core/redis/names.ts';
import {mount} from '../http/route.ts';

export function mountSystem(router: Router, deps: Deps): void {
	const names = createRedisNames(deps.config.redis.prefix);
	const state = createSystemState({...deps, names});
	mount(router, deps, 'system', () => state());
	mount(router, deps, 'systemChecks', createServerDoctor(deps));
}
