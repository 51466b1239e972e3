import type {Knex} from 'knex';
import type {DisabledReason} from '../../../contract/webhooks.ts';
import type {By} from '../../actor.ts';
import {publish} from '../../events/publish.ts';
import {countFailure, health, success} from '../endpoints/breaker.ts';
import {disableEndpoint} from '../endpoints/endpoints.ts';
import {publicUrl} from '../endpoints/public-url.ts';
import type {Task} from './queue.ts';
import {retryAfter} from './retry.ts';
import type {Sent} from '../sending/send.ts';

/** `undone`: cut off by ourselves; it counts for nothing. */
export type DeliveryOutcome = 'succeeded' | 'retry' | 'dead' | 'stale' | 'undone';

/** What became of a delivery, and why its endpoint was disabled, if it was by that. */
export type Ending = {outcome: DeliveryOutcome; disabled?: DisabledReason | undefined};

/**
 * Ends an attempt: writes it down and decides what becomes of the delivery and its endpoint, all or
 * nothing.
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
): Promise<Ending> {
	const isSuccess = sent.result === 'succeeded';
	if (isSuccess && sent.stop === undefined) {
		const isWritten = await write(db, task, sent, {status: 'succeeded'});
		return {outcome: isWritten ? 'succeeded' : 'stale'};
	}
	const seconds =
		isSuccess || sent.stop !== undefined ? undefined : retryAfter(task.attempt, sent, steps);
	const status = isSuccess ? 'succeeded' : seconds === undefined ? 'dead' : 'pending';
	return db.transaction(async (transaction) => {
		if (!(await write(transaction, task, sent, {status, seconds}))) return {outcome: 'stale'};
		const disabled = isSuccess
			? await stopSending(transaction, by, task, sent)
			: await noteFailure(transaction, by, task, sent);
		if (status === 'dead') await tellExhausted(transaction, by, task);
		return {outcome: status === 'pending' ? 'retry' : status, disabled};
	});
}

const ending = `with done as (
		update webhook_deliveries set status = :status, queued_at = null, lease_until = null,
			next_at = now() + coalesce(:seconds::float8, 0) * interval '1 second',
			finished_at = case when :status = 'pending' then null else now() end,
			last_status = :code, last_error = :detail
		where id = :id and attempt = :attempt and status = 'sending'
		returning id, attempt, endpoint_id
	), noted as (
		update webhook_endpoints e set ${success.changes} from done
		where e.id = done.endpoint_id and :status = 'succeeded' and ${success.isNews}
	)
	insert into webhook_attempts (delivery_id, number, started_at, duration_ms, timings, address,
		status_code, result, detail, response_headers, response_body)
	select id, attempt, :startedAt, :ms, :timings, :address, :code, :result, :detail, :headers, :body
	from done`;

/**
 * Writes how an attempt went; of a success also what it says of the endpoint, where that is news:
 * deliveries of one endpoint end side by side.
 *
 * @param seconds until the next attempt
 * @returns false when it is not this attempt's any more
 */
async function write(
	db: Knex,
	task: Task,
	sent: Sent,
	{status, seconds}: {status: 'succeeded' | 'dead' | 'pending'; seconds?: number | undefined},
): Promise<boolean> {
	const answer = await db.raw<{rowCount: number}>(ending, {
		status,
		seconds: seconds ?? null,
		code: sent.statusCode,
		detail: sent.detail,
		id: task.id,
		attempt: task.attempt,
		...health,
		startedAt: task.started_at,
		ms: Math.round(sent.timings.total),
		timings: JSON.stringify(sent.timings),
		address: sent.address,
		result: sent.result,
		headers: sent.responseHeaders && JSON.stringify(sent.responseHeaders),
		body: sent.responseBody,
	});
	return answer.rowCount > 0;
}

/** @returns why the endpoint is disabled by it */
async function noteFailure(
	transaction: Knex.Transaction,
	by: By,
	task: Task,
	sent: Sent,
): Promise<DisabledReason | undefined> {
	const counted = await countFailure(transaction, task.endpoint_id);
	if (counted === undefined) {
		// Disabled meanwhile: nothing is tried again.
		await transaction('webhook_deliveries')
			.where({id: task.id, status: 'pending'})
			.update({status: 'cancelled', finished_at: transaction.raw('now()')});
		return undefined;
	}
	const {endpoint, isFailing} = counted;
	const reason =
		sent.stop === 'gone' || sent.stop === 'receiver' ? sent.stop : isFailing && 'failing';
	if (reason === false) return undefined;
	await disableEndpoint(transaction, by, endpoint, reason);
	return reason;
}

/** A receiver that takes a delivery may still ask for no more. */
async function stopSending(
	transaction: Knex.Transaction,
	by: By,
	task: Task,
	sent: Sent,
): Promise<DisabledReason | undefined> {
	if (sent.stop !== 'receiver') return undefined;
	const row = await transaction('webhook_endpoints')
		.where({id: task.endpoint_id, status: 'active'})
		.forUpdate()
		.first();
	if (row === undefined) return undefined;
	await disableEndpoint(transaction, by, row, 'receiver');
	return 'receiver';
}

/** The other endpoints hear of a delivery that is given up; of one about a delivery nobody does. */
async function tellExhausted(transaction: Knex.Transaction, by: By, task: Task): Promise<void> {
	if (task.event_type === 'webhook.delivery_exhausted') return;
	await publish(transaction, by, {
		type: 'webhook.delivery_exhausted',
		organisationId: task.organisation_id,
		data: {
			endpoint: {id: task.endpoint_id, url: publicUrl(task.url)},
			delivery: {id: task.id, event_id: task.event_id, event_type: task.event_type},
		},
	});
}
