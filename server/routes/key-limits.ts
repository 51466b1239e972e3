import type {Router} from '@koa/router';
import type {Deps} from '../../core/deps.ts';
import {listRefusedKeys, presentRefusedKey} from '../../core/limits/limited-keys.ts';
import {list} from '../http/list.ts';
import {mount} from '../http/route.ts';

/** Without `limit`: whoever looks wants the latest. */
const pageSize = 100;

export function mountKeyLimits(router: Router, deps: Deps): void {
	mount(router, deps, 'listLimitedKeys', async ({organisationId}) =>
		list({
			name: `limited keys:${organisationId}`,
			read: (slice) => listRefusedKeys(deps.db, organisationId, slice),
			present: presentRefusedKey,
			pageSize,
		}),
	);
}
