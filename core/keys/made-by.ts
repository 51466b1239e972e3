import type {Knex} from 'knex';
import {isUuid} from '../../contract/text.ts';
import type {ApiKeyRow} from '../db/tables.ts';
import type {MadeBy} from './present.ts';

/* Who made the keys of an organisation, some of whom have left. */

const maker = 'coalesce(created_by, created_by_service_account_id)';
const ofOrganisation = 'from api_keys where organisation_id = :organisation::uuid';

/*
Somebody who left is known by the keys, somebody who made none by being there, and nobody else is: whether
another organisation has a user of that email is not to be found out. A service account that is gone has the
name that its newest key tells; makers are few, so that those are found by a step of the index for each.
*/
const named = `with recursive makers as (
		(select ${maker} as id ${ofOrganisation} and ${maker} is not null order by ${maker} limit 1)
		union all
		select (
			select ${maker} ${ofOrganisation} and ${maker} > makers.id order by ${maker} limit 1
		) from makers where makers.id is not null
	)
	select u.id from users u where lower(u.email) = lower(:name) and (
		exists (select from memberships m where m.user_id = u.id and m.organisation_id = :organisation::uuid)
		or exists (select ${ofOrganisation} and ${maker} = u.id)
	)
	union select s.id from service_accounts s
		where s.organisation_id = :organisation::uuid and lower(s.name) = lower(:name)
	union select g.id from makers g
		where g.id is not null and not exists (select from service_accounts s where s.id = g.id)
		and lower(:name) = (
			select lower(created_by_service_account) ${ofOrganisation} and ${maker} = g.id
			order by created_at desc, id desc limit 1
		)`;

/**
 * Ids of the users and service accounts that an id, an email or a name stands for: of those that are in an
 * organisation, or have made keys of it. An id stands for itself.
 *
 * @returns undefined, where it is nobody
 */
export async function findMakers(
	db: Knex,
	organisation: string,
	name: string,
): Promise<string[] | undefined> {
	if (isUuid(name)) return [name.toLowerCase()];
	const {rows} = await db.raw<{rows: {id: string}[]}>(named, {organisation, name});
	return rows.length === 0 ? undefined : rows.map(({id}) => id).toSorted();
}

type Made = Pick<
	ApiKeyRow,
	'created_by' | 'created_by_service_account' | 'created_by_service_account_id'
>;

/** Adds to rows of keys who made each: people by their email. */
export async function withMakers<Row extends Made>(
	db: Knex,
	rows: readonly Row[],
): Promise<(Omit<Row, 'created_by'> & MadeBy)[]> {
	const ids = [...new Set(rows.flatMap(({created_by: id}) => id ?? []))];
	const users = ids.length === 0 ? [] : await db('users').whereIn('id', ids).select('id', 'email');
	const emails = new Map(users.map(({id, email}) => [id, email]));
	return rows.map((row) => ({
		...row,
		created_by_id: row.created_by,
		created_by: (row.created_by === null ? undefined : emails.get(row.created_by)) ?? null,
	}));
}
