import type {Knex} from 'knex';

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

/** How far webhooks are behind. An endpoint that is left alone does not count as being behind. */
export async function webhookLag(db: Knex): Promise<WebhookLag> {
	const answer = await db.raw<{rows: [WebhookLag]}>(
		`select (select count(*)::integer from (
				select from webhook_deliveries d join webhook_endpoints e on e.id = d.endpoint_id
				where d.status = 'pending' and d.next_at <= now()
					and (e.open_until is null or e.open_until <= now())
				limit ?
			) due) as due,
			(select coalesce(extract(epoch from now() - min(d.next_at)), 0)::float8
				from webhook_deliveries d join webhook_endpoints e on e.id = d.endpoint_id
				where d.status = 'pending' and d.next_at <= now()
					and (e.open_until is null or e.open_until <= now())) as "oldestDueSeconds",
			(select count(*)::integer from webhook_deliveries
				where status in ('queued', 'sending')) as "inFlight",
			(select count(*)::integer from webhook_endpoints
				where status = 'active' and open_until > now()) as "pausedEndpoints",
			(select count(*)::integer from webhook_endpoints
				where status = 'disabled' and disabled_reason <> 'request') as "disabledEndpoints",
			(select count(*)::integer from (
				select from webhook_deliveries where status = 'dead' limit ?
			) dead) as dead`,
		[mostCounted, mostCounted],
	);
	return answer.rows[0];
}
