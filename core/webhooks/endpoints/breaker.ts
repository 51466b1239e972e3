import type {Knex} from 'knex';
import type {WebhookEndpointRow} from '../../db/tables.ts';

/*
How healthy an endpoint is, by what became of the deliveries to it. One that fails is sent less at a
time, then one delivery now and then; one that comes back is treated gently for a while; one that
failed for days is to be disabled. All of it stands in the row of the endpoint, and by the clock of
PostgreSQL. In the SQL below `e` is that row, and the names after a colon are those of `health`.
*/

/** After so many failures in a row one delivery is tried at a time, */
const failuresToOpen = 5;
/** and the endpoint is left alone so long between two tries. */
const openSeconds = 30;
/** An endpoint is disabled after failing for so long, and at least so often, without a success. */
const failingFor = '5 days';
const failingTimes = 10;

/** What the SQL of this file is bound to. */
export const health = {
	breaker: failuresToOpen,
	/** Deliveries of one endpoint that are queued or being sent at a time: one cannot use up the worker. */
	mostInFlight: 20,
	/** An endpoint that took something so lately may be sent that many. */
	provenFor: '1 minute',
	/** One that came back gets what waited at this rate, in deliveries a second, */
	gently: 10,
	/** for so long. */
	recoveryFor: '60 seconds',
	/** A success is noted on the endpoint at most this often. */
	noteEvery: '10 seconds',
};

/** It is not being left alone. */
export const isLetThrough = `(e.open_until is null or e.open_until <= now())`;

/** It is left alone after failures. */
export const isPaused = `(e.status = 'active' and e.open_until > now())`;

/** It was switched off by what it answered, or as it answered nothing for days. */
export const isDisabledByItself = `(e.status = 'disabled' and e.disabled_reason <> 'request')`;

/** It has lately taken something, and nothing failed since. */
export const isProven = `coalesce(e.consecutive_failures = 0
	and e.last_success_at >= now() - :provenFor::interval, false)`;

/** It came back a moment ago, and what waits is let out by the second. */
const isRecovering = `(e.recovering_until > now())`;

/** It is recovering, and the time of its next deliveries has come. */
export const isReleased = `(${isRecovering} and (e.released_until is null or e.released_until <= now()))`;

/** Taking deliveries of one that recovers, `taken.count` of them, puts off the next ones. */
export const release = `released_until = now() + taken.count * interval '1 second' / :gently`;

/**
 * How many deliveries it may have in hand; `e.queued` are, and `e.is_proven` is whether it is proven.
 * `ready` holds those that are released.
 */
export const share = `case
	when e.consecutive_failures >= :breaker then 1
	when ${isRecovering} then case
		when e.id in (select id from ready) then least(:gently + e.queued, :mostInFlight)
		else 0
	end
	when not e.is_proven then :breaker - e.consecutive_failures
	else :mostInFlight
end`;

/** A success of a delivery: what it changes, and whether that is news of the endpoint. */
export const success = {
	changes: `last_success_at = now(), consecutive_failures = 0, first_failure_at = null,
		open_until = null, recovering_until = case when e.consecutive_failures >= :breaker
			then now() + :recoveryFor::interval else e.recovering_until end`,
	isNews: `(e.consecutive_failures > 0 or e.open_until is not null or e.last_success_at is null
		or e.last_success_at < now() - :noteEvery::interval)`,
};

/** An endpoint of which nothing bad is known. */
export const healthy = {
	disabled_at: null,
	disabled_reason: null,
	consecutive_failures: 0,
	first_failure_at: null,
	open_until: null,
	recovering_until: null,
};

/**
 * Notes a failure of a delivery on its endpoint.
 *
 * @returns the endpoint, and whether it has failed for so long that it is to be disabled; undefined
 * where it is disabled already
 */
export async function countFailure(
	transaction: Knex.Transaction,
	endpointId: string,
): Promise<{endpoint: WebhookEndpointRow; isFailing: boolean} | undefined> {
	const answer = await transaction.raw<{rows: (WebhookEndpointRow & {is_old: boolean})[]}>(
		`update webhook_endpoints set consecutive_failures = consecutive_failures + 1,
			first_failure_at = coalesce(first_failure_at, now()),
			open_until = case when consecutive_failures + 1 >= ? then now() + ? * interval '1 second' end
		where id = ? and status = 'active'
		returning *, first_failure_at < now() - ?::interval as is_old`,
		[failuresToOpen, openSeconds, endpointId, failingFor],
	);
	const [row] = answer.rows;
	if (row === undefined) return undefined;
	const {is_old: isOld, ...endpoint} = row;
	return {endpoint, isFailing: isOld && endpoint.consecutive_failures >= failingTimes};
}
