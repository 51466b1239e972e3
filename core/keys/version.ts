import type {Knex} from 'knex';
import {readPolicyDays} from '../key-policies/enforced.ts';
import {sliceNewestFirst, type Position} from '../db/position.ts';

/** Keys of one statement: well within the bound of one. */
const batchSize = 100_000;

/**
 * Tells one state of an organisation's keys from another, without reading them: from which versions
 * of which rows there are (`xmin` is another after every change of a row), whatever their order, and
 * how many of them have reached a time that decides, such as that of an enforced policy.
 */
export async function versionOfKeys(db: Knex, organisationId: string): Promise<string> {
	const {enforced_days: days, rotation_days: rotation} = await readPolicyDays(db, organisationId);
	const reached = db.raw(
		`coalesce(least(expires_at, created_at + ?::integer * interval '24 hours') <= now(), false)::int
			+ coalesce(not_before <= now(), false)::int
			+ coalesce(grace_until <= now(), false)::int
			+ coalesce(created_at + ?::integer * interval '24 hours' <= now(), false)::int as reached`,
		[days, rotation],
	);
	const parts = [`${days} ${rotation}`, await versionOfRoles(db, organisationId)];
	let position: Position | undefined;
	for (;;) {
		const keys = db('api_keys')
			.select('id', 'created_at', db.raw('xmin::text as version'), reached)
			.where({organisation_id: organisationId});
		sliceNewestFirst(keys, {limit: batchSize, position});
		const query = db
			.with('part', keys)
			.from('part')
			.select(
				db.raw('count(*)::int as count'),
				db.raw('coalesce(sum(reached), 0)::int as reached'),
				db.raw('coalesce(sum(hashtextextended(id::text || version, 0)::numeric), 0)::text as sum'),
				db.raw('(select created_at from part order by created_at, id limit 1) as created_at'),
				db.raw('(select id from part order by created_at, id limit 1) as id'),
			);
		const [row] = (await query) as Part[];
		if (row === undefined) break;
		parts.push(`${row.count}:${row.sum}:${row.reached}`);
		if (row.count < batchSize || row.created_at === null || row.id === null) break;
		position = {createdAt: row.created_at.toISOString(), id: row.id};
	}
	return parts.join(' ');
}

type Part = {
	count: number;
	reached: number;
	sum: string;
	created_at: Date | null;
	id: string | null;
};

/** Keys are shown with the names of their roles. */
async function versionOfRoles(db: Knex, organisationId: string): Promise<string> {
	const {rows} = await db.raw<{rows: [{sum: string}]}>(
		`select coalesce(sum(hashtextextended(concat(r.id, r.xmin, m.key_id, m.xmin), 0)::numeric), 0)::text as sum
		from key_roles r left join key_role_members m on m.role_id = r.id where r.organisation_id = ?`,
		[organisationId],
	);
	return rows[0].sum;
}
