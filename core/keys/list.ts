import type {Knex} from 'knex';
import {goOn, sliceNewestFirst, type Slice} from '../db/position.ts';
import type {ApiKeyRow} from '../db/tables.ts';
import {policyDaysIn} from '../key-policies/enforced.ts';
import {isInOrderOfIndex, type KeysWanted, madeSoEarly, narrow, readKnown} from './filter.ts';
import {withMakers} from './made-by.ts';
import {listed, type MadeBy, type ReadKey} from './present.ts';
import {roleNamesOf} from './roles/members.ts';

/*
A page of a narrowed list is found in one of two ways. Where one key of thirty matches, it is full after
reading the newest keys in their order; where less do, whatever index is best finds all that match, and they
are put in order. PostgreSQL, asked for the page at once, chooses by how many it believes will match and that
they are evenly spread: of several conditions it believes far too few or too many, and that keys of one kind
are all old is not known to it. Either way may then read a hundred thousand keys for a page. So each
way is a statement of its own, in which there is nothing of that to choose.
*/
const readForOne = 30;

const made = [
	'created_by',
	'created_by_service_account',
	'created_by_service_account_id',
] as const satisfies readonly (keyof ApiKeyRow)[];

/** What is shown, and what filters look at. The programs may not read all columns. */
const columns = [
	...listed,
	...made,
	'rotation_ended_at',
	'scope_sources',
] as const satisfies readonly (keyof ApiKeyRow)[];

/** Newest first, revoked ones included, where no filter leaves them out. */
export async function listKeys(
	db: Knex,
	organisationId: string,
	slice: Slice,
	filter: KeysWanted = {},
): Promise<(ReadKey & MadeBy)[]> {
	const known = await readKnown(db, organisationId, filter);
	const read = async (query: Knex.QueryBuilder) =>
		withMakers(
			db,
			(await query.select(
				...listed,
				...made,
				roleNamesOf(db, 'api_keys'),
				policyDaysIn(db, organisationId),
			)) as unknown as (ReadKey & Pick<ApiKeyRow, (typeof made)[number]>)[],
		);
	const ofOrganisation = () => db('api_keys').where({organisation_id: organisationId});

	if (isInOrderOfIndex(filter)) {
		return read(sliceNewestFirst(narrow(ofOrganisation(), filter, known), slice));
	}
	const {limit, position} = slice;
	const newest = sliceNewestFirst(madeSoEarly(ofOrganisation().select(columns), filter), {
		limit: limit * readForOne,
		position,
	});
	const first = {limit, position: undefined};
	const among = narrow(db.from(newest.as('api_keys')), filter, known);
	const rows = await read(sliceNewestFirst(among, first));
	if (rows.length === limit) return rows;

	const matching = narrow(ofOrganisation().select('id', 'created_at'), filter, known);
	const page = sliceNewestFirst(db.from('matching').select('id'), first);
	const found = ofOrganisation()
		.withMaterialized('matching', goOn(matching, position))
		.whereIn('id', page);
	return read(sliceNewestFirst(found, first));
}
