import type {Knex} from 'knex';
import type {By} from '../../actor.ts';
import {record} from '../../audit/trail/record.ts';
import type {WebhookEndpointRow} from '../../db/tables.ts';
import {announceDeliveries} from '../../events/publish.ts';
import {wanted} from '../../events/wanted.ts';
import {nameOf} from './public-url.ts';

/** Most deliveries that one request sends again. */
export const mostReplayed = 10_000;

/** An event that began just before the endpoint was disabled and was written just after. */
const longestChange = '1 minute';

const insertion = `insert into webhook_deliveries
		(organisation_id, endpoint_id, event_id, api_version, event_type, replay)
	select v.organisation_id, e.id, v.id, v.api_version, v.type, coalesce(past.replay + 1, 0)
	from webhook_endpoints e
	join events v on v.organisation_id = e.organisation_id and v.api_version = e.api_version
	left join lateral (
		select max(replay) as replay, bool_or(status = 'cancelled' and finished_at >= :since::timestamptz) as cancelled
		from webhook_deliveries d where d.event_id = v.id and d.endpoint_id = e.id
	) past on true
	where e.id = :id and ${wanted}
		and (past.cancelled or past.replay is null
			and v.created_at >= greatest(e.created_at, :since::timestamptz - :before::interval))
	order by v.sequence limit :most`;

/**
 * Sends to an endpoint what it missed while it was disabled: the events of that time and what waited
 * when it began, oldest first, `mostReplayed` at most. In the transaction that enables it.
 *
 * @param endpoint as it was disabled
 */
export async function replayMissed(
	transaction: Knex.Transaction,
	by: By,
	endpoint: WebhookEndpointRow,
): Promise<void> {
	const answer = await transaction.raw<{rowCount: number}>(insertion, {
		id: endpoint.id,
		since: endpoint.disabled_at,
		before: longestChange,
		most: mostReplayed,
	});
	const count = answer.rowCount;
	if (count === 0) return;
	await record(transaction, by, {
		action: 'webhook.replayed',
		organisationId: endpoint.organisation_id,
		target: {type: 'webhook', id: endpoint.id, name: nameOf(endpoint)},
		details: {count, which: 'missed', since: endpoint.disabled_at?.toISOString()},
	});
	await announceDeliveries(transaction);
}
