import {randomUUID} from 'node:crypto';
import type {Knex} from 'knex';

/** Checks of a key in one hour, as the worker has them settled. */
export type CountedUse = {
	organisationId: string;
	keyId: string;
	/** In milliseconds since the epoch. */
	at: number;
	outcome?: string;
	count: number;
	/** Empty: nobody said; absent: not told apart. */
	address?: string;
	tags?: readonly string[];
};

/** Writes uses into every table that they are counted in. */
export async function countUses(db: Knex, uses: readonly CountedUse[]): Promise<void> {
	for (const use of uses) {
		const {organisationId, keyId, outcome = 'valid', count, address, tags = []} = use;
		const bindings = {
			organisationId,
			keyId,
			outcome,
			count,
			at: new Date(use.at).toISOString(),
			process: randomUUID(),
		};
		await db.raw(
			`with hourly as (
				insert into usage_hourly (hour, key_id, process_id, outcome, count, added)
				values (date_trunc('hour', :at::timestamptz, 'UTC'), :keyId, :process, :outcome, :count, :count)
			),
			daily as (
				insert into usage_daily as d (organisation_id, day, key_id, outcome, count)
				values (:organisationId, (:at::timestamptz at time zone 'UTC')::date, :keyId, :outcome, :count)
				on conflict (organisation_id, day, key_id, outcome) do update set count = d.count + excluded.count
			)
			insert into usage_totals_hourly as t (organisation_id, hour, outcome, count)
			values (:organisationId, date_trunc('hour', :at::timestamptz, 'UTC'), :outcome, :count)
			on conflict (organisation_id, hour, outcome) do update set count = t.count + excluded.count`,
			bindings,
		);
		const details = [
			...(address === undefined ? [] : [['client', 'address', address] as const]),
			...tags.map((tag) => ['tag', 'tag', tag] as const),
		];
		for (const [detail, [hourlyKind, dailyKind, value]] of details.entries()) {
			await db.raw(
				`with hourly as (
					insert into usage_details_hourly (hour, process_id, detail, key_id, kind, value, agent, count, refused,
						first_at, last_at, added, added_refused)
					values (date_trunc('hour', :at::timestamptz, 'UTC'), :process, :detail, :keyId, :hourlyKind, :value, '',
						:count, :refused, :at, :at, :count, :refused)
				)
				insert into usage_details_daily as d (organisation_id, day, key_id, kind, value, count, refused)
				values (:organisationId, (:at::timestamptz at time zone 'UTC')::date, :keyId, :dailyKind, :value, :count, :refused)
				on conflict (organisation_id, day, key_id, kind, value)
					do update set count = d.count + excluded.count, refused = d.refused + excluded.refused`,
				{
					...bindings,
					detail,
					hourlyKind,
					dailyKind,
					value,
					refused: outcome === 'valid' ? 0 : count,
				},
			);
		}
	}
}
