import type {Router} from '@koa/router';
import type {Context} from 'koa';
import type {SharedLimitsRequest} from '../../contract/shared-limits.ts';
import type {By} from '../../core/actor.ts';
import type {Deps} from '../../core/deps.ts';
import type {SharedLimitsRow} from '../../core/db/key-tables.ts';
import {changeSharedLimits, removeSharedLimits} from '../../core/shared-limits/change.ts';
import type {SharedLimitsPlace} from '../../core/shared-limits/place.ts';
import {presentListedSharedLimits, presentSharedLimits} from '../../core/shared-limits/present.ts';
import {findSharedLimits, listSharedLimits} from '../../core/shared-limits/store.ts';
import {readUsed} from '../../core/shared-limits/used.ts';
import {list} from '../http/list.ts';
import {reportBarrier} from '../http/revocation.ts';
import {mount} from '../http/route.ts';

export function mountSharedLimits(router: Router, deps: Deps): void {
	const {db, clock} = deps;

	mount(router, deps, 'listSharedLimits', async ({organisationId}) =>
		list({
			name: `shared limits:${organisationId}`,
			read: async (slice) => {
				const rows = await listSharedLimits(db, organisationId, slice);
				const used = await readUsed(db, rows, clock.now());
				return rows.map((row) => ({...row, used: used.get(row.id)}));
			},
			present: ({used, ...row}) => presentListedSharedLimits(row, used),
		}),
	);

	mount(router, deps, 'getOrganisationLimits', ({organisationId}) =>
		read({organisationId, owner: null}),
	);

	mount(router, deps, 'setOrganisationLimits', ({ctx, by, body, organisationId}) =>
		set(ctx, by, {organisationId, owner: null}, body),
	);

	mount(router, deps, 'deleteOrganisationLimits', ({ctx, by, organisationId}) =>
		remove(ctx, by, {organisationId, owner: null}),
	);

	mount(router, deps, 'getOwnerLimits', ({params, organisationId}) =>
		read({organisationId, owner: ownerIn(params)}),
	);

	mount(router, deps, 'setOwnerLimits', ({ctx, by, body, params, organisationId}) =>
		set(ctx, by, {organisationId, owner: ownerIn(params)}, body),
	);

	mount(router, deps, 'deleteOwnerLimits', ({ctx, by, params, organisationId}) =>
		remove(ctx, by, {organisationId, owner: ownerIn(params)}),
	);

	async function read(place: SharedLimitsPlace) {
		const row = await findSharedLimits(db, place);
		return row && present(row);
	}

	async function set(
		ctx: Context,
		by: By,
		place: SharedLimitsPlace,
		{rate_limits, quota = null}: SharedLimitsRequest,
	) {
		const wanted = {rate_limits: rate_limits ?? [], quota};
		const most = deps.config.limits.sharedLimits;
		const {row, barrier} = await changeSharedLimits(deps, by, place, {wanted, most});
		if (barrier !== undefined) reportBarrier(ctx, barrier);
		return present(row);
	}

	async function remove(ctx: Context, by: By, place: SharedLimitsPlace) {
		const {isRemoved, barrier} = await removeSharedLimits(deps.coherence, by, place);
		if (barrier !== undefined) reportBarrier(ctx, barrier);
		if (!isRemoved) return undefined;
		return {message: 'Shared limits deleted successfully'} as const;
	}

	async function present(row: SharedLimitsRow) {
		const used = await readUsed(db, [row], clock.now());
		return presentSharedLimits(row, used.get(row.id));
	}
}

function ownerIn({owner_type: type, owner_id: id}: {owner_type: string; owner_id: string}) {
	return {type, id};
}
