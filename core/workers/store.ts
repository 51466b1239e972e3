import type {Knex} from 'knex';
import type {Clock} from '../clock/clock.ts';

/** How often a worker says that it is there. */
export const heartbeatMs = 2000;
/** One that missed four of them is lost, in seconds. */
export const lostAfterSeconds = 10;
/** Workers that are gone are remembered this long. */
const rememberedFor = '1 day';

export type Heartbeat = {
	id: string;
	name: string;
	version: string;
	takesJobs: boolean;
	/** Repeated jobs whose last pass failed. */
	failingJobs: string[];
	/** Ms since the epoch; 0: never. */
	flushedAt: number;
	pumpedAt: number;
};

/** Writes that a worker is there, sets its clock by the answer, and forgets those that are long gone. */
export async function beat(db: Knex, clock: Clock, heartbeat: Heartbeat): Promise<void> {
	const {flushedAt, pumpedAt} = heartbeat;
	const asked = clock.instant();
	const {rows} = await db.raw<{rows: {now: number}[]}>(
		`insert into workers (id, name, version, takes_jobs, failing_jobs, flushed_at, pumped_at,
			clock_offset_ms)
		values (:id, :name, :version, :takesJobs, :failingJobs, :flushedAt, :pumpedAt, :offset)
		on conflict (id) do update set seen_at = now(), takes_jobs = excluded.takes_jobs,
			failing_jobs = excluded.failing_jobs, flushed_at = excluded.flushed_at,
			pumped_at = excluded.pumped_at, clock_offset_ms = excluded.clock_offset_ms
		returning extract(epoch from clock_timestamp())::float8 * 1000 as now`,
		{
			...heartbeat,
			flushedAt: instant(flushedAt),
			pumpedAt: instant(pumpedAt),
			offset: clock.offset()?.ms ?? null,
		},
	);
	for (const {now} of rows) clock.learn(asked, now);
	await db.raw('delete from workers where seen_at < now() - ?::interval', [rememberedFor]);
}

/** Writes that a worker has ended as it should. */
export async function sayStopped(db: Knex, id: string): Promise<void> {
	await db.raw('update workers set seen_at = now(), stopped_at = now() where id = ?', [id]);
}

export type SeenWorker = {
	id: string;
	name: string;
	version: string;
	state: 'running' | 'lost' | 'stopped';
	takes_jobs: boolean;
	failing_jobs: string[];
	clock_offset_ms: number | null;
	started_at: Date;
	seen_at: Date;
	flushed_at: Date | null;
	pumped_at: Date | null;
};

/** The workers that were heard of lately, those that run first. */
export async function listWorkers(db: Knex, most: number): Promise<SeenWorker[]> {
	const {rows} = await db.raw<{rows: SeenWorker[]}>(
		`select id, name, version, state, state = 'running' and takes_jobs as takes_jobs,
			failing_jobs, clock_offset_ms, started_at, seen_at, flushed_at, pumped_at
		from workers, lateral (select case
			when stopped_at is not null then 'stopped'
			when seen_at < now() - :lost * interval '1 second' then 'lost'
			else 'running'
		end as state) as derived
		order by state = 'running' desc, seen_at desc limit :most`,
		{lost: lostAfterSeconds, most},
	);
	return rows;
}

function instant(ms: number): Date | null {
	return ms === 0 ? null : new Date(ms);
}
