import type {Knex} from 'knex';

/**
 * Until the transaction ends others who lock the organisation wait: of two that each would pass a
 * bound, the second sees what the first did.
 */
export async function lockOrganisation(
	transaction: Knex.Transaction,
	organisationId: string,
): Promise<void> {
	await transaction('organisations').where({id: organisationId}).forNoKeyUpdate().first('id');
}
