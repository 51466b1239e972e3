import type {Router} from '@koa/router';
import {watchSeconds} from '../../contract/decisions.ts';
import type {Deps} from '../../core/deps.ts';
import {findKey} from '../../core/keys/store.ts';
import {createRedisNames} from '../../core/redis/names.ts';
import {readDecisions} from '../../core/tail/look.ts';
import {Problem} from '../http/problem.ts';
import {mount} from '../http/route.ts';

export function mountDecisions(router: Router, deps: Deps): void {
	const {db, redis, config, log} = deps;
	const store = {redis, names: createRedisNames(config.redis.prefix)};

	mount(router, deps, 'listDecisions', async ({query, organisationId}) => {
		const {key_id: keyId, outcome, after} = query;
		const isUnknown =
			keyId !== undefined && (await findKey(db, organisationId, keyId)) === undefined;
		if (isUnknown) return new Problem('api_key_not_found');
		try {
			const told = await readDecisions(store, {organisationId, keyId, outcome}, after);
			return told ?? new Problem('too_many_watches', {headers: whenOneEnds});
		} catch (error) {
			log.debug({error}, 'decisions cannot be looked at');
			return new Problem('unavailable', {message: 'Decisions cannot be watched without Redis'});
		}
	});
}

/** One that nobody asks for any more ends by then. */
const whenOneEnds = {'Retry-After': String(watchSeconds)};
