import type {Knex} from 'knex';
import type {By} from '../audit/actor.ts';
import type {WebhookEndpointRow} from '../db/tables.ts';
import {publish} from '../events/publish.ts';
import {disableEndpoint} from './endpoints.ts';
import {breakerFailures, breakerSeconds, type Task} from './queue.ts';
import {retryAfter} from './retry.ts';
import type {Sent} from './send.ts';

/** An endpoint is disabled after failing for so long, and at least so often, without a success. */
const failingFor = '5 days';
const failingTimes = 10;
/** A success is noted on the endpoint at most this often. */
const noteEvery = '10 seconds';
/** How long an endpoint that came back is treated gently. */
const recoveryFor = '60 seconds';

/** `undone`: cut off by ourselves; it counts for nothing. */
export type Outcome = 'succeeded' | 'retry' | 'dead' | 'stale' | 'undone';

/**
 * Ends an attempt: writes it down and decides what becomes of the delivery and its endpoint, in one
 * transaction.
 *
 * @param steps seconds between attempts
 * @returns `stale` when the delivery has moved on since: its lease had run out
 */
export async function finish(
	db: Knex,
	by: By,
	task: Task,
	sent: Sent,
	steps: readonly number[],
): Promise<Outcome> {
	const isSuccess = sent.result === 'succeeded';
	const isStopped = sent.stop !== undefined && !isSuccess;
	const seconds = isSuccess || isStopped ? undefined : retryAfter(task.attempt, sent, steps);
	const status = isSuccess ? 'succeeded' : seconds === undefined ? 'dead' : 'pending';
	const outcome = status === 'pending' ? 'retry' : status;
	return db.transaction(async (transaction) => {
		const answer = await transaction.raw<{rowCount: number}>(
			`with done as (
				update webhook_deliveries set status = ?, queued_at = null, lease_until = null,
					next_at = now() + coalesce(?::float8, 0) * interval '1 second',
					finished_at = case when ? = 'pending' then null else now() end,
					last_status = ?, last_error = ?
				where id = ? and attempt = ? and status = 'sending' returning id, attempt
			)
			insert into webhook_attempts (delivery_id, number, started_at, duration_ms, timings, address,
				status_code, result, detail, response_headers, response_body)
			select id, attempt, ?, ?, ?, ?, ?, ?, ?, ?, ? from done`,
			[
				status,
				seconds ?? null,
				status,
				sent.statusCode,
				sent.detail,
				task.id,
				task.attempt,
				task.started_at,
				Math.round(sent.timings.total),
				JSON.stringify(sent.timings),
				sent.address,
				sent.statusCode,
				sent.result,
				sent.detail,
				sent.responseHeaders && JSON.stringify(sent.responseHeaders),
				sent.responseBody,
			],
		);
		if (answer.rowCount === 0) return 'stale';
		if (isSuccess) await noteSuccess(transaction, task.endpoint_id);
		else await noteFailure(transaction, by, task, sent);
		if (isSuccess && sent.stop === 'receiver') await stopSending(transaction, by, task);
		if (status === 'dead') await tellExhausted(transaction, by, task);
		return outcome;
	});
}

/** Writes only where there is something to write: deliveries of one endpoint end side by side. */
async function noteSuccess(transaction: Knex.Transaction, endpointId: string): Promise<void> {
	await transaction.raw(
		`update webhook_endpoints set last_success_at = now(), consecutive_failures = 0,
			first_failure_at = null, open_until = null,
			recovering_until = case when consecutive_failures >= ? then now() + ?::interval
				else recovering_until end
		where id = ? and (consecutive_failures > 0 or open_until is not null
			or last_success_at is null or last_success_at < now() - ?::interval)`,
		[breakerFailures, recoveryFor, endpointId, noteEvery],
	);
}

async function noteFailure(
	transaction: Knex.Transaction,
	by: By,
	task: Task,
	sent: Sent,
): Promise<void> {
	const answer = await transaction.raw<{rows: (WebhookEndpointRow & {is_old: boolean})[]}>(
		`update webhook_endpoints set consecutive_failures = consecutive_failures + 1,
			first_failure_at = coalesce(first_failure_at, now()),
			open_until = case when consecutive_failures + 1 >= ? then now() + ? * interval '1 second' end
		where id = ? and status = 'active'
		returning *, first_failure_at < now() - ?::interval as is_old`,
		[breakerFailures, breakerSeconds, task.endpoint_id, failingFor],
	);
	const [row] = answer.rows;
	if (row === undefined) {
		// Disabled meanwhile: nothing is tried again.
		await transaction('webhook_deliveries')
			.where({id: task.id, status: 'pending'})
			.update({status: 'cancelled', finished_at: transaction.raw('now()')});
		return;
	}
	const isFailing = row.is_old && row.consecutive_failures >= failingTimes;
	const reason = sent.stop === 'gone' || sent.stop === 'receiver' ? sent.stop : undefined;
	if (reason !== undefined || isFailing) {
		await disableEndpoint(transaction, by, row, reason ?? 'failing');
	}
}

/** A receiver that takes a delivery may still ask for no more. */
async function stopSending(transaction: Knex.Transaction, by: By, task: Task): Promise<void> {
	const row = await transaction('webhook_endpoints')
		.where({id: task.endpoint_id, status: 'active'})
		.forUpdate()
		.first();
	if (row !== undefined) await disableEndpoint(transaction, by, row, 'receiver');
}

/** The other endpoints hear of a delivery that is given up; of one about a delivery nobody does. */
async function tellExhausted(transaction: Knex.Transaction, by: By, task: Task): Promise<void> {
	if (task.event_type === 'webhook.delivery_exhausted') return;
	await publish(transaction, by, {
		type: 'webhook.delivery_exhausted',
		organisationId: task.organisation_id,
		data: {
			endpoint: {id: task.endpoint_id, url: task.url},
			delivery: {id: task.id, event_id: task.event_id, event_type: task.event_type},
		},
		exceptEndpointId: task.endpoint_id,
	});
}
