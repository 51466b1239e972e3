import type {Knex} from 'knex';
import {isDisabledByItself, isLetThrough, isPaused} from '../endpoints/breaker.ts';

/** Counts beyond this are not worth their cost. */
const mostCounted = 10_000;

export type WebhookLag = {
	/** Deliveries that should have been taken by now, at most 10,000. */
	due: number;
	/** How long the oldest of them has been due, in seconds; 0: none is. */
	oldestDueSeconds: number;
	/** In Redis or being sent. */
	inFlight: number;
	/** Endpoints that are active but left alone after failures. */
	pausedEndpoints: number;
	/** Endpoints that were disabled by what they answered, or as they answered nothing for days. */
	disabledEndpoints: number;
	/** Deliveries that were given up and are still kept, at most 10,000. */
	dead: number;
};

const statement = `select (select count(*)::integer from (
			select from webhook_deliveries d join webhook_endpoints e on e.id = d.endpoint_id
			where d.status = 'pending' and d.next_at <= now() and ${isLetThrough}
			limit ?
		) due) as due,
		(select coalesce(extract(epoch from now() - min(d.next_at)), 0)::float8
			from webhook_deliveries d join webhook_endpoints e on e.id = d.endpoint_id
			where d.status = 'pending' and d.next_at <= now() and ${isLetThrough}) as "oldestDueSeconds",
		(select count(*)::integer from webhook_deliveries
			where status in ('queued', 'sending')) as "inFlight",
		(select count(*)::integer from webhook_endpoints e where ${isPaused}) as "pausedEndpoints",
		(select count(*)::integer from webhook_endpoints e where ${isDisabledByItself}) as "disabledEndpoints",
		(select count(*)::integer from (
			select from webhook_deliveries where status = 'dead' limit ?
		) dead) as dead`;

/** How far webhooks are behind. An endpoint that is left alone does not count as being behind. */
export async function webhookLag(db: Knex): Promise<WebhookLag> {
	const answer = await db.raw<{rows: [WebhookLag]}>(statement, [mostCounted, mostCounted]);
	return answer.rows[0];
}
