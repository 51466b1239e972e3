import type {Router} from '@koa/router';
import type {Deps} from '../../core/deps.ts';
import type {Caller} from '../../core/people/caller.ts';
import {changeOrganisation} from '../../core/organisations/change.ts';
import {createOrganisation, listOrganisations} from '../../core/organisations/store.ts';
import {readReliance} from '../../core/usage/reliance.ts';
import {list} from '../http/list.ts';
import {permit} from '../http/organisation.ts';
import {Problem} from '../http/problem.ts';
import {reportBarrier} from '../http/revocation.ts';
import {mount} from '../http/route.ts';
import {presentOrganisation} from '../present/organisation.ts';

export function mountOrganisations(router: Router, deps: Deps): void {
	const {db} = deps;

	mount(router, deps, 'listOrganisations', async ({principal}) =>
		list({
			name: `organizations:${idOf(principal.caller)}`,
			read: (slice) => listOrganisations(db, principal.caller, slice),
			present: presentOrganisation,
		}),
	);

	mount(router, deps, 'createOrganisation', async ({body, principal, by}) =>
		presentOrganisation(
			await createOrganisation(db, by, {
				name: body.name,
				plan: body.plan ?? 'free',
				ownerId: principal.caller.userId,
			}),
		),
	);

	mount(router, deps, 'getOrganisation', async ({membership}) =>
		presentOrganisation(membership.organisation),
	);

	mount(router, deps, 'getReliance', async ({organisationId}) => {
		const {activeKeys, usedKeys, calls} = await readReliance(db, organisationId);
		return {active_keys: activeKeys, used_keys: usedKeys, calls_24h: calls};
	});

	mount(router, deps, 'updateOrganisation', async ({ctx, body, membership, by}) => {
		if (body.plan !== undefined && permit('organisation:plan', membership.role) !== undefined) {
			return new Problem('operator_required');
		}
		const {id} = membership.organisation;
		const {row, barrier} = await changeOrganisation(deps, by, id, body);
		if (barrier !== undefined) reportBarrier(ctx, barrier);
		return row === undefined ? new Problem('organization_not_found') : presentOrganisation(row);
	});
}

function idOf(caller: Caller): string {
	return caller.kind === 'user' ? caller.userId : caller.id;
}
