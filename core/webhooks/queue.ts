import type {Knex} from 'knex';
import type {WebhookDeliveryRow} from '../db/tables.ts';
import type {SealedSecret} from './secrets.ts';

/** A delivery that is due, and which attempt of it: stale when it has moved on since. */
export type Due = {id: string; attempt: number};

/** Deliveries taken from PostgreSQL at once. */
const mostClaimed = 200;
/** Deliveries of one endpoint that are queued or being sent at a time: one cannot use up the worker. */
const mostInFlight = 20;
/** After this many failures in a row only one delivery is tried at a time, see `breakerSeconds`. */
export const breakerFailures = 5;
/** How long an endpoint that fails again and again is left alone between two tries. */
export const breakerSeconds = 30;
/** An endpoint that came back gets what waited at this rate, for a while. */
const mostAfterRecovery = 10;
/** A worker that has not said how an attempt went by then has died, in seconds. */
const leaseSeconds = 30;
/** Redis has lost a delivery that nobody took for so long, in seconds. */
const mostQueuedSeconds = 60;

/**
 * Takes deliveries that are due, oldest first, each endpoint within its share. PostgreSQL keeps the
 * schedule: what is taken goes to Redis only to be worked on.
 */
export async function claimDue(db: Knex): Promise<Due[]> {
	const answer = await db.raw<{rows: Due[]}>(
		`with endpoint as (
			select e.id, case
				when e.consecutive_failures >= ? then 1 - flight.queued
				when e.recovering_until > now() then least(? - flight.recent, ? - flight.queued)
				else ? - flight.queued
			end as free
			from webhook_endpoints e
			cross join lateral (
				select count(*) as queued,
					count(*) filter (where queued_at > now() - interval '1 second') as recent
				from webhook_deliveries d
				where d.endpoint_id = e.id and d.status in ('queued', 'sending')
			) flight
			where e.status = 'active' and (e.open_until is null or e.open_until <= now())
				and exists (
					select from webhook_deliveries d
					where d.endpoint_id = e.id and d.status = 'pending' and d.next_at <= now()
				)
		), due as (
			select d.id from endpoint cross join lateral (
				select id from webhook_deliveries d
				where d.endpoint_id = endpoint.id and d.status = 'pending' and d.next_at <= now()
				order by d.next_at limit greatest(endpoint.free, 0) for update skip locked
			) d limit ?
		)
		update webhook_deliveries d set status = 'queued', queued_at = now()
		from due where d.id = due.id returning d.id, d.attempt`,
		[breakerFailures, mostAfterRecovery, mostInFlight, mostInFlight, mostClaimed],
	);
	return answer.rows;
}

/** Gives back what could not be queued. */
export async function giveBack(db: Knex, due: readonly Due[]): Promise<void> {
	await db('webhook_deliveries')
		.whereIn(
			'id',
			due.map(({id}) => id),
		)
		.where({status: 'queued'})
		.update({status: 'pending', queued_at: null});
}

/** Everything that one attempt needs. */
export type Task = Pick<
	WebhookDeliveryRow,
	'id' | 'organisation_id' | 'endpoint_id' | 'event_id' | 'event_type' | 'attempt'
> & {url: string; payload: string; secrets: SealedSecret[]};

/**
 * Begins an attempt: counts it and holds the delivery for the length of a lease.
 *
 * @returns undefined for a job that is stale: sent meanwhile, cancelled, deleted
 */
export async function begin(db: Knex, due: Due): Promise<Task | undefined> {
	const answer = await db.raw<{rows: Task[]}>(
		`update webhook_deliveries d
		set status = 'sending', attempt = d.attempt + 1, lease_until = now() + ? * interval '1 second'
		from webhook_endpoints e, events
		where d.id = ? and d.status = 'queued' and d.attempt = ?
			and e.id = d.endpoint_id and e.status = 'active'
			and events.id = d.event_id and events.api_version = d.api_version
		returning d.id, d.organisation_id, d.endpoint_id, d.event_id, d.event_type, d.attempt, e.url,
			events.payload, (
				select json_agg(json_build_object('id', s.id, 'sealed', encode(s.sealed, 'hex'))
					order by s.expires_at desc nulls first)
				from webhook_secrets s
				where s.endpoint_id = e.id and (s.expires_at is null or s.expires_at > now())
			) as secrets`,
		[leaseSeconds, due.id, due.attempt],
	);
	return answer.rows[0];
}

/**
 * Takes back what was lost on the way: queued in a Redis that forgot it, or in the hands of a worker
 * that died. What was perhaps sent is sent again, with the same id.
 *
 * @returns how many
 */
export async function takeBackLost(db: Knex): Promise<number> {
	const answer = await db.raw<{rowCount: number}>(
		`update webhook_deliveries
		set status = 'pending', next_at = now(), queued_at = null, lease_until = null
		where (status = 'queued' and queued_at < now() - ? * interval '1 second')
			or (status = 'sending' and lease_until < now())`,
		[mostQueuedSeconds],
	);
	return answer.rowCount;
}
