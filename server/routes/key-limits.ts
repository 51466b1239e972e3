import type {Router} from '@koa/router';
import type {Deps} from '../../core/deps.ts';
import {findKeyFacts} from '../../core/keys/facts.ts';
import {changeQuota} from '../../core/keys/quota.ts';
import {listRefusedKeys, presentRefusedKey} from '../../core/limits/limited-keys.ts';
import {list} from '../http/list.ts';
import {Problem} from '../http/problem.ts';
import {reportBarrier} from '../http/revocation.ts';
import {mount} from '../http/route.ts';
import {presentKeyLimits} from '../present/limits.ts';

/** Without `limit`: whoever looks wants the latest. */
const pageSize = 100;

export function mountKeyLimits(router: Router, deps: Deps): void {
	const {db, limiter, coherence, clock, termsVersion} = deps;
	const readCount = limiter.readCount.bind(limiter);

	mount(router, deps, 'getKeyLimits', async ({params, organisationId}) => {
		const place = {organisationId, keyId: params.key_id};
		const key = await findKeyFacts(db, place, termsVersion);
		if (key === undefined) return undefined;
		return presentKeyLimits(await limiter.read(key));
	});

	mount(router, deps, 'changeKeyQuota', async ({ctx, params, body, organisationId, by, once}) => {
		const {key_id: keyId} = params;
		ctx.state.keyId = keyId;
		let isChanged = false;
		const {value, barrier} = await coherence.change(
			(transaction) =>
				once(transaction, async () => {
					const place = {organisationId, keyId};
					const parts = {readCount, clock};
					const result = await changeQuota(transaction, by, place, body, parts);
					if (result === undefined) return new Problem('api_key_not_found');
					if (result.kind === 'refused') return new Problem(result.code, result);
					isChanged = result.kind === 'changed';
					return result.state;
				}),
			() => isChanged,
			keyId,
		);
		// What somebody else changed, and is about to be told, must hold when this is answered, too.
		const isTold = !(value instanceof Problem) && !isChanged;
		const waited = isTold ? await coherence.waitForEarlier() : barrier;
		if (waited !== undefined) reportBarrier(ctx, waited);
		return value;
	});

	mount(router, deps, 'listLimitedKeys', async ({organisationId}) =>
		list({
			name: `limited keys:${organisationId}`,
			read: (slice) => listRefusedKeys(db, organisationId, slice),
			present: presentRefusedKey,
			pageSize,
		}),
	);
}
