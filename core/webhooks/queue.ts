import type {Knex} from 'knex';
import type {WebhookDeliveryRow} from '../db/tables.ts';
import type {SealedSecret} from './secrets.ts';

/** A delivery that is due, and which attempt of it: stale when it has moved on since. */
export type Due = {id: string; attempt: number};

/** Deliveries taken from PostgreSQL at once. */
const mostClaimed = 200;
/** Deliveries of one endpoint that are queued or being sent at a time: one cannot use up the worker. */
const mostInFlight = 20;
/** An endpoint that took something so lately may be sent that many at a time; of others see `breakerFailures`. */
const provenFor = '1 minute';
/** After this many failures in a row only one delivery is tried at a time, see `breakerSeconds`. */
export const breakerFailures = 5;
/** How long an endpoint that fails again and again is left alone between two tries. */
export const breakerSeconds = 30;
/** An endpoint that came back gets what waited at this rate, in deliveries a second, for a while. */
const mostAfterRecovery = 10;
/** A worker that has not said how an attempt went by then has died, in seconds. */
const leaseSeconds = 30;
/** Redis has lost a delivery that nobody took for so long, in seconds. */
const mostQueuedSeconds = 60;
/** Transaction-level advisory lock: pumps take their turns, or each would fill an endpoint's share. */
const claimLock = 7_250_311_408;

/**
 * Takes deliveries that are due, oldest first, each endpoint within its share. PostgreSQL keeps the
 * schedule: what is taken goes to Redis only to be worked on. Of locks on rows none is waited for.
 *
 * @returns with whether more is due than there was room for
 */
export async function claimDue(db: Knex): Promise<{due: Due[]; isMore: boolean}> {
	return db.transaction(async (transaction) => {
		await transaction.raw('select pg_advisory_xact_lock(?::bigint)', [claimLock]);
		const answer = await transaction.raw<{rows: [{due: Due[]; isMore: boolean}]}>(
			`with ready as materialized (
				select id from webhook_endpoints
				where status = 'active' and recovering_until > now()
					and (released_until is null or released_until <= now())
				for no key update skip locked
			), endpoint as (
				select e.id, flight.queued, case
					when e.consecutive_failures >= :breaker then 1
					when e.recovering_until > now() then case
						when e.id in (select id from ready) then least(:gently + flight.queued, :most)
						else 0
					end
					when e.consecutive_failures > 0 or e.last_success_at is null
						or e.last_success_at < now() - :proven::interval then :breaker - e.consecutive_failures
					else :most
				end - flight.queued as free
				from webhook_endpoints e
				cross join lateral (
					select count(*) as queued from webhook_deliveries d
					where d.endpoint_id = e.id and d.status in ('queued', 'sending')
				) flight
				where e.status = 'active' and (e.open_until is null or e.open_until <= now())
					and exists (
						select from webhook_deliveries d
						where d.endpoint_id = e.id and d.status = 'pending' and d.next_at <= now()
					)
			), due as (
				select d.id, endpoint.id as endpoint_id from endpoint cross join lateral (
					select id from webhook_deliveries d
					where d.endpoint_id = endpoint.id and d.status = 'pending' and d.next_at <= now()
					order by d.next_at limit greatest(endpoint.free, 0) for update skip locked
				) d limit :batch
			), released as (
				update webhook_endpoints e
				set released_until = now() + taken.count * interval '1 second' / :gently
				from (select endpoint_id, count(*) from due group by endpoint_id) taken
				where e.id = taken.endpoint_id and e.id in (select id from ready)
			), queued as (
				update webhook_deliveries d set status = 'queued', queued_at = now()
				from due where d.id = due.id returning d.id, d.attempt
			)
			select coalesce((select json_agg(queued) from queued), '[]') as due, exists (
				select from endpoint
				where free <= (select count(*) from due where due.endpoint_id = endpoint.id)
			) or (select count(*) from due) >= :batch as "isMore"`,
			{
				breaker: breakerFailures,
				gently: mostAfterRecovery,
				most: mostInFlight,
				proven: provenFor,
				batch: mostClaimed,
			},
		);
		return answer.rows[0];
	});
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
> & {
	url: string;
	payload: string;
	secrets: SealedSecret[] | null;
	custom_headers: Buffer | null;
	/** By the clock of PostgreSQL, as everything that is planned. */
	started_at: Date;
};

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
			e.custom_headers, events.payload, clock_timestamp() as started_at, (
				select json_agg(json_build_object('id', s.id, 'sealed', encode(s.sealed, 'hex'))
					order by s.expires_at desc nulls first)
				from webhook_secrets s
				where s.endpoint_id = e.id and (s.expires_at is null or s.expires_at > now())
			) as secrets`,
		[leaseSeconds, due.id, due.attempt],
	);
	return answer.rows[0];
}

/** Puts a delivery back as it was before its attempt, to be tried at once by another worker. */
export async function undo(db: Knex, task: Task): Promise<void> {
	await db.raw(
		`update webhook_deliveries set status = 'pending', attempt = attempt - 1, next_at = now(),
			queued_at = null, lease_until = null
		where id = ? and attempt = ? and status = 'sending'`,
		[task.id, task.attempt],
	);
}

/**
 * Takes back what was lost on the way: queued in a Redis that forgot it, or in the hands of a worker
 * that died. What was perhaps sent is sent again, with the same id; but what is never brought to an
 * end, however often, is given up.
 *
 * @param mostAttempts beyond the schedule's, so that crashes do not use it up
 * @returns how many are due again, and how many were given up
 */
export async function takeBackLost(
	db: Knex,
	mostAttempts: number,
): Promise<{due: number; dead: number}> {
	const answer = await db.raw<{rows: {status: WebhookDeliveryRow['status']}[]}>(
		`update webhook_deliveries set queued_at = null, lease_until = null, next_at = now(),
			status = case when attempt >= :most then 'dead' else 'pending' end,
			last_error = case when attempt >= :most then 'no attempt came to an end' else last_error end,
			finished_at = case when attempt >= :most then now() end
		where (status = 'queued' and queued_at < now() - :queued * interval '1 second')
			or (status = 'sending' and lease_until < now())
		returning status`,
		{most: mostAttempts, queued: mostQueuedSeconds},
	);
	const dead = answer.rows.filter(({status}) => status === 'dead').length;
	return {due: answer.rows.length - dead, dead};
}

/** Cancels what came to an endpoint in the moment it was disabled. @returns how many */
export async function cancelLeftOver(db: Knex): Promise<number> {
	const answer = await db.raw<{rowCount: number}>(
		`update webhook_deliveries d set status = 'cancelled', finished_at = now()
		from webhook_endpoints e
		where e.id = d.endpoint_id and e.status = 'disabled' and d.status in ('pending', 'queued')`,
	);
	return answer.rowCount;
}
