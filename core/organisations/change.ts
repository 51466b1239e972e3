import type {Knex} from 'knex';
import type {Plan} from '../../contract/organisations.ts';
import type {By} from '../actor.ts';
import type {OrganisationRow} from '../db/tables.ts';
import type {BarrierResult} from '../verification/barrier.ts';
import type {Coherence} from '../verification/coherence.ts';
import {updateOrganisation} from './store.ts';

type Changed = {
	/** As it is now; undefined where there is no such organisation. */
	row: OrganisationRow | undefined;
	/** How far the change is in force; undefined where nothing is decided by it. */
	barrier: BarrierResult | undefined;
};

/** Changes an organisation. A plan decides about keys: such a change returns when every server goes by it. */
export async function changeOrganisation(
	{db, coherence}: {db: Knex; coherence: Coherence},
	by: By,
	id: string,
	change: {name?: string | undefined; plan?: Plan | undefined},
): Promise<Changed> {
	const run = (transaction: Knex.Transaction) => updateOrganisation(transaction, by, id, change);
	if (change.plan === undefined) return {row: await db.transaction(run), barrier: undefined};
	const {value, barrier} = await coherence.change(run, (row) => row !== undefined);
	return {row: value, barrier};
}
