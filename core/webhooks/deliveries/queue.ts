import type {Knex} from 'knex';
import type {WebhookDeliveryRow} from '../../db/tables.ts';
import {lostAfterSeconds} from '../../workers/store.ts';
import {health, isLetThrough, isProven, isReleased, release, share} from '../endpoints/breaker.ts';
import type {SealedSecret} from '../endpoints/secrets.ts';

/** A delivery that is due, and which attempt of it: stale when it has moved on since. */
export type Due = {id: string; attempt: number};

/** Deliveries that a worker sends at a time: they wait for receivers, not for a core. */
export const slotsOfWorker = 50;
/** Of an organisation's deliveries so many are queued or being sent at a time, for each worker. */
const mostOfOrganisation = 40;
/** And so many of them to endpoints that have not lately taken anything: a silent one holds its slot for long. */
const mostUnproven = 20;
/** Queued for each worker beside what it sends, so that it never waits for the pump. */
const mostQueued = 50;
/** Deliveries taken from PostgreSQL at once. */
const mostClaimed = 200;
/** A worker that has not said how an attempt went by then has died, in seconds. */
const leaseSeconds = 30;
/** Redis has lost a delivery that nobody took for so long, in seconds. */
const mostQueuedSeconds = 60;
/** Transaction-level advisory lock: pumps take their turns, or each would fill an endpoint's share. */
const claimLock = 7_250_311_408;

const claim = `with ready as materialized (
		select id from webhook_endpoints e where status = 'active' and ${isReleased}
		for no key update skip locked
	), worker as (
		select greatest(count(*), 1) as count from workers
		where takes_jobs and stopped_at is null and seen_at > now() - :lost * interval '1 second'
	), flight as materialized (
		select d.organisation_id, e.id as endpoint_id, count(*) as queued, bool_and(${isProven}) as is_proven
		from webhook_deliveries d join webhook_endpoints e on e.id = d.endpoint_id
		where d.status in ('queued', 'sending') group by d.organisation_id, e.id
	), organisation as (
		select organisation_id, sum(queued) as queued,
			coalesce(sum(queued) filter (where not is_proven), 0) as unproven
		from flight group by organisation_id
	), endpoint as (
		select e.id, e.organisation_id, e.consecutive_failures > 0 as is_failing, e.is_proven, ${share} - e.queued as free
		from (
			select e.*, coalesce(flight.queued, 0) as queued, ${isProven} as is_proven
			from webhook_endpoints e left join flight on flight.endpoint_id = e.id
		) e
		where e.status = 'active' and ${isLetThrough}
			and exists (
				select from webhook_deliveries d
				where d.endpoint_id = e.id and d.status = 'pending' and d.next_at <= now()
			)
	), candidate as (
		select d.*, endpoint.id as endpoint_id, endpoint.organisation_id, is_proven,
			row_number() over (
				partition by endpoint.organisation_id, is_proven order by place, is_failing, next_at
			) as nth_of_kind
		from endpoint cross join lateral (
			select id, next_at, row_number() over (order by next_at) as place
			from webhook_deliveries d
			where d.endpoint_id = endpoint.id and d.status = 'pending' and d.next_at <= now()
			order by next_at limit greatest(endpoint.free, 0)
		) d
	), admitted as (
		select candidate.*, coalesce(o.queued, 0) + row_number() over (
			partition by candidate.organisation_id order by place, nth_of_kind, next_at
		) as nth
		from candidate cross join worker
		left join organisation o on o.organisation_id = candidate.organisation_id
		where is_proven or nth_of_kind + coalesce(o.unproven, 0) <= :mostUnproven * worker.count
	), due as (
		select d.id, d.endpoint_id from (
			select admitted.* from admitted cross join worker
			where nth <= :mostOfOrganisation * worker.count
			order by nth, next_at limit least(:batch, greatest(0, (
				select :mostTogether * worker.count - coalesce(sum(queued), 0)
				from worker left join organisation on true group by worker.count
			)))
		) chosen join webhook_deliveries d on d.id = chosen.id
		where d.status = 'pending' for update of d skip locked
	), released as (
		update webhook_endpoints e
		set ${release}
		from (select endpoint_id, count(*) from due group by endpoint_id) taken
		where e.id = taken.endpoint_id and e.id in (select id from ready)
	), queued as (
		update webhook_deliveries d set status = 'queued', queued_at = now()
		from due where d.id = due.id returning d.id, d.attempt
	)
	select coalesce((select json_agg(queued) from queued), '[]') as due, exists (
		select from endpoint
		where free <= (select count(*) from due where due.endpoint_id = endpoint.id)
	) or (select count(*) from candidate) > (select count(*) from due) as "isMore"`;

/**
 * Takes deliveries that are due: of each endpoint the oldest, within its share and its
 * organisation's, and no more than the workers can soon send; the organisation with the fewest in
 * hand goes first. So nobody who is silent holds up others. PostgreSQL keeps the schedule: what is
 * taken goes to Redis only to be worked on. Of locks on rows none is waited for.
 *
 * @returns with whether more is due than there was room for
 */
export async function claimDue(db: Knex): Promise<{due: Due[]; isMore: boolean}> {
	return db.transaction(async (transaction) => {
		await transaction.raw('select pg_advisory_xact_lock(?::bigint)', [claimLock]);
		const answer = await transaction.raw<{rows: [{due: Due[]; isMore: boolean}]}>(claim, {
			...health,
			mostOfOrganisation,
			mostUnproven,
			mostTogether: slotsOfWorker + mostQueued,
			lost: lostAfterSeconds,
			batch: mostClaimed,
		});
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
