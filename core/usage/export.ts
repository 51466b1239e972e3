import type {Knex} from 'knex';
import {toTimestamp} from '../../contract/text.ts';
import type {exportedMembers} from '../../contract/usage.ts';
import {bindingsOf, exportStatement, readRows, tableOf, type UsageQuestion} from './counted.ts';
import {startsOf, stepOf} from './period.ts';

/** Few enough for the request path's bound on a statement, and for a client that reads slowly. */
const batchSize = 5000;

type ExportedMember = (typeof exportedMembers)[number];
export type ExportedRow = Record<ExportedMember, string | number | null>;
type FoundRow = {group: string; name: string | null; count: number; refused: number};

/**
 * Every group of each step that is not zero, oldest first, some at a time: read in short statements, as fast
 * as they are taken, with nothing held in between. Counts of a step that is running may grow meanwhile.
 *
 * @throws when PostgreSQL goes away
 */
export async function* exportUsage(
	db: Knex,
	question: UsageQuestion,
): AsyncGenerator<ExportedRow[], void> {
	const {scope, period, grouping, result = 'all'} = question;
	const table = tableOf(scope, period.step, grouping);
	const statement = exportStatement(table, grouping, result);
	for (const from of startsOf(period)) {
		const start = toTimestamp(new Date(from));
		const ofStep = {...question, period: stepOf(period, from)};
		for (let after: string | null = null; ;) {
			const rows: FoundRow[] = await readRows(db, statement, {
				...bindingsOf(ofStep, table),
				isOfKeys: grouping === 'key',
				after,
				most: batchSize,
			});
			yield rows.map(({group, name, count, refused}) => ({
				start,
				group: group === '' ? null : group,
				name,
				count,
				refused,
			}));
			if (rows.length < batchSize) break;
			after = rows.at(-1)?.group ?? null;
		}
	}
}
