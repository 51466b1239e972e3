import type {Router} from '@koa/router';
import type {Organisation} from '../../contract/organisations.ts';
import {toTimestamp} from '../../contract/text.ts';
import type {OrganisationRow} from '../../core/db/tables.ts';
import type {Deps} from '../../core/deps.ts';
import {
	createOrganisation,
	listOrganisations,
	updateOrganisation,
} from '../../core/organisations/store.ts';
import {permit} from '../http/organisation.ts';
import {Problem} from '../http/problem.ts';
import {reportBarrier} from '../http/revocation.ts';
import {mount} from '../http/route.ts';

export function mountOrganisations(router: Router, deps: Deps): void {
	const {db} = deps;

	mount(router, deps, 'listOrganisations', async ({principal}) => {
		const rows = await listOrganisations(db, principal.caller);
		return rows.map(presentOrganisation);
	});

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

	mount(router, deps, 'updateOrganisation', async ({ctx, body, membership, by}) => {
		if (body.plan !== undefined && permit('organisation:plan', membership.grantee) !== undefined) {
			return new Problem('operator_required');
		}
		const {id} = membership.organisation;
		// A plan decides about keys: the change is answered when every server goes by it.
		if (body.plan !== undefined) {
			const {value, barrier} = await deps.coherence.change(
				(transaction) => updateOrganisation(transaction, by, id, body),
				(changed) => changed !== undefined,
			);
			if (value === undefined || barrier === undefined)
				return new Problem('organization_not_found');
			reportBarrier(ctx, barrier);
			return presentOrganisation(value);
		}
		const row = await db.transaction((transaction) =>
			updateOrganisation(transaction, by, id, body),
		);
		return row === undefined ? new Problem('organization_not_found') : presentOrganisation(row);
	});
}

export function presentOrganisation(row: OrganisationRow): Organisation {
	return {id: row.id, name: row.name, plan: row.plan, created_at: toTimestamp(row.created_at)};
}
