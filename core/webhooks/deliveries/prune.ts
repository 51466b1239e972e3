import type {Knex} from 'knex';

/** In one statement: each event takes deliveries and attempts with it. */
const batch = 1000;
const mostBatches = 100;

/** Deletes events older than `days` whose deliveries have all ended. @returns how many */
export async function pruneEvents(db: Knex, days: number): Promise<number> {
	let deleted = 0;
	for (let i = 0; i < mostBatches; i++) {
		const answer = await db.raw<{rowCount: number}>(
			`delete from events where (id, api_version) in (
				select id, api_version from events e
				where created_at < now() - ? * interval '1 day' and not exists (
					select from webhook_deliveries d
					where d.event_id = e.id and d.status in ('pending', 'queued', 'sending')
				)
				limit ?
			)`,
			[days, batch],
		);
		deleted += answer.rowCount;
		if (answer.rowCount < batch) break;
	}
	return deleted;
}
