import type {Knex} from 'knex';
import {lostAfterSeconds} from './store.ts';

export type WorkerFigures = {
	running: number;
	/** Not heard of for ten seconds, and did not say that they stop; forgotten after a day. */
	lost: number;
	/** Since a pass of usage ended well anywhere, in seconds; null: none did within a day. */
	settledSeconds: number | null;
	/** The same of webhooks that are due. */
	pumpedSeconds: number | null;
	/** Of workers that run: jobs whose last pass failed, one mention for each of them. */
	failingJobs: string[];
};

/** What the workers have said of themselves. */
export async function workerFigures(db: Knex): Promise<WorkerFigures> {
	const {rows} = await db.raw<{rows: [WorkerFigures]}>(
		`select (count(*) filter (where is_running))::float8 as running,
			(count(*) filter (where not is_running and stopped_at is null))::float8 as lost,
			greatest(0, extract(epoch from now() - max(flushed_at)))::float8 as "settledSeconds",
			greatest(0, extract(epoch from now() - max(pumped_at)))::float8 as "pumpedSeconds",
			array(
				select unnest(failing_jobs) from workers
				where stopped_at is null and seen_at >= now() - :lost * interval '1 second'
			) as "failingJobs"
		from workers, lateral (
			select stopped_at is null and seen_at >= now() - :lost * interval '1 second' as is_running
		) as derived`,
		{lost: lostAfterSeconds},
	);
	return rows[0];
}
