import type {Knex} from 'knex';
import type {Clock} from './clock.ts';

/** Asks PostgreSQL for the time. @throws when it cannot be asked */
export async function setClock(clock: Clock, db: Knex): Promise<void> {
	const sent = clock.instant();
	const {rows} = await db.raw<{rows: [{now: number}]}>(
		'select extract(epoch from clock_timestamp())::float8 * 1000 as now',
	);
	clock.learn(sent, rows[0].now);
}
