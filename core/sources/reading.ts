import type {QueryConfig, QueryResult, QueryResultRow} from 'pg';
import type {SourceRow} from '../db/tables.ts';

/* What keys read of sources, for all that are asked for in one turn: the documented main job. */

type Pool = {
	query: <Row extends QueryResultRow>(config: QueryConfig) => Promise<QueryResult<Row>>;
};

/** Of an organisation, the one with this id. */
export type SourceAsked = {organisationId: string; id: string};

/** A list that is longer is sent as it is read, by those who page it. */
export const mostListed = 100;

const columns = 's.id, s.organisation_id, s.name, s.type, s.created_at, s.updated_at';

const byIds = `select a.place, ${columns}
	from unnest($1::uuid[], $2::uuid[]) with ordinality as a (id, organisation_id, place)
	join sources s on s.id = a.id and s.organisation_id = a.organisation_id`;

/** One more than is listed tells that there are more. */
const newest = `select a.place, ${columns}
	from unnest($1::uuid[]) with ordinality as a (organisation_id, place)
	cross join lateral (
		select * from sources where organisation_id = a.organisation_id
		order by created_at desc, id desc limit ${mostListed + 1}
	) as s
	order by a.place, s.created_at desc, s.id desc`;

type Placed = SourceRow & {place: string};

/** @param isPrepared not through a pooler, where the next statement may run in another session */
export function readSourcesById(
	pool: Pool,
	isPrepared: boolean,
): (asked: readonly SourceAsked[]) => Promise<(SourceRow | undefined)[]> {
	const name = isPrepared ? {name: 'sources_by_id'} : {};
	return async (asked) => {
		const values = [asked.map(({id}) => id), asked.map(({organisationId}) => organisationId)];
		const {rows} = await pool.query<Placed>({...name, text: byIds, values});
		const found = asked.map((): SourceRow | undefined => undefined);
		for (const row of rows) found[Number(row.place) - 1] = row;
		return found;
	};
}

/**
 * Of each organisation its sources, newest first; undefined where there are more than are listed. An
 * organisation that is asked for often is read once.
 */
export function readNewestSources(
	pool: Pool,
	isPrepared: boolean,
): (organisationIds: readonly string[]) => Promise<(readonly SourceRow[] | undefined)[]> {
	const name = isPrepared ? {name: 'newest_sources'} : {};
	return async (organisationIds) => {
		const different = [...new Set(organisationIds)];
		const {rows} = await pool.query<Placed>({...name, text: newest, values: [different]});
		const lists = new Map<string, SourceRow[]>(different.map((id) => [id, []]));
		for (const row of rows) lists.get(row.organisation_id)?.push(row);
		return organisationIds.map((id) => {
			const list = lists.get(id) ?? [];
			return list.length > mostListed ? undefined : list;
		});
	};
}
