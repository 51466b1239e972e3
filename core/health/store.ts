import type {Knex} from 'knex';
import {leaseMs} from '../verification/lease.ts';

export type SeenVerifier = {
	id: string;
	name: string;
	started_at: Date;
	renewed_at: Date;
	lease_until: Date;
	holds_lease: boolean;
	clock_offset_ms: number | null;
	terms_version: number;
};

/** Servers with a lease, or that had one lately, those that hold it first. */
export async function listVerifiers(db: Knex, most: number): Promise<SeenVerifier[]> {
	const {rows} = await db.raw<{rows: SeenVerifier[]}>(
		`select id, name, started_at, lease_until, lease_until > clock_timestamp() as holds_lease, clock_offset_ms,
			terms_version, lease_until - :lease * interval '1 millisecond' as renewed_at
		from verifiers order by holds_lease desc, lease_until desc limit :most`,
		{lease: leaseMs, most},
	);
	return rows;
}

export type SchemaFacts = {postgresql: string; migration: string | null; now: Date};

export async function schemaFacts(db: Knex): Promise<SchemaFacts> {
	const {rows} = await db.raw<{rows: [SchemaFacts]}>(
		`select split_part(current_setting('server_version'), ' ', 1) as postgresql, now() as now,
			(select name from knex_migrations order by id desc limit 1) as migration`,
	);
	return rows[0];
}

/** Counts beyond this are not worth their cost. */
const mostCounted = 10_000;

/** Deliveries that are planned, due or not; at most 10,000. */
export async function countPending(db: Knex): Promise<number> {
	const {rows} = await db.raw<{rows: [{count: number}]}>(
		`select count(*)::integer as count from (
			select from webhook_deliveries where status = 'pending' limit ?
		) pending`,
		[mostCounted],
	);
	return rows[0].count;
}
