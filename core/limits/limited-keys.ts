import type {Knex} from 'knex';
import {toTimestamp} from '../../contract/text.ts';
import type {ListedLimitedKey} from '../../contract/key-limits.ts';
import {goOn, type Slice} from '../db/position.ts';

/* Which keys are being refused for their limits: what servers have noted of it, see LimitRefusals. */

type RefusedKeyRow = {
	id: string;
	name: string;
	hint: string;
	/** When it was last refused: its place in the list. */
	created_at: Date;
	limits: {name: string; refused: number; last_ms: number}[];
};

const refusedLately = `select r.key_id as id, k.name, k.hint,
		date_trunc('milliseconds', max(r.last_at)) as created_at,
		json_agg(json_build_object('name', r.name, 'refused', r.refused, 'last_ms', floor(extract(epoch from r.last_at) * 1000))
			order by r.last_at desc, r.name) as limits
	from key_limit_refusals r join api_keys k on k.id = r.key_id
	where r.last_at > now() - interval '1 minute' and k.organisation_id = ?
	group by r.key_id, k.name, k.hint`;

/** The keys of an organisation that were refused for a limit in the last minute, the latest first. */
export async function listRefusedKeys(
	db: Knex,
	organisationId: string,
	{limit, position}: Slice,
): Promise<RefusedKeyRow[]> {
	const query = db
		.withMaterialized('refused', db.raw(refusedLately, [organisationId]))
		.from('refused')
		.orderBy([
			{column: 'created_at', order: 'desc'},
			{column: 'id', order: 'desc'},
		])
		.limit(limit);
	return await goOn(query, position).select<RefusedKeyRow[]>('*');
}

export function presentRefusedKey({
	id,
	name,
	hint,
	created_at,
	limits,
}: RefusedKeyRow): ListedLimitedKey {
	return {
		id,
		name,
		hint,
		last_at: toTimestamp(created_at),
		limits: limits.map((each) => ({
			name: each.name,
			refused: each.refused,
			last_at: toTimestamp(new Date(each.last_ms)),
		})),
	};
}
