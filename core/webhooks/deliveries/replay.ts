import type {Knex} from 'knex';
import type {EventType} from '../../../contract/events.ts';
import type {By} from '../../actor.ts';
import {record} from '../../audit/trail/record.ts';
import {confirmRights} from '../../audit/trail/rights.ts';
import type {WebhookEndpointRow} from '../../db/tables.ts';
import {announceDeliveries} from '../../events/publish.ts';
import {wanted} from '../../events/wanted.ts';
import {toldDelivery, type ToldDelivery} from './ledger.ts';
import {mostReplayed} from '../endpoints/missed.ts';
import {nameOf} from '../endpoints/public-url.ts';

export type Replay =
	| {kind: 'replayed'; delivery: ToldDelivery}
	| {kind: 'not found'}
	| {kind: 'disabled'};

/** Sends one event again, to the endpoint of a delivery that has ended: a delivery of its own. */
export async function replayDelivery(
	db: Knex,
	by: By,
	organisationId: string,
	id: string,
): Promise<Replay> {
	return db.transaction(async (transaction) => {
		await confirmRights(transaction, by);
		const before = await transaction('webhook_deliveries as d')
			.join('webhook_endpoints as e', 'e.id', 'd.endpoint_id')
			.where({'d.id': id, 'd.organisation_id': organisationId})
			.forUpdate('e')
			.select('e.status', 'e.url', 'e.description', 'd.endpoint_id')
			.first<Pick<WebhookEndpointRow, 'status' | 'url' | 'description'> & {endpoint_id: string}>();
		if (before === undefined) return {kind: 'not found'};
		if (before.status !== 'active') return {kind: 'disabled'};
		const answer = await transaction.raw<{rows: {id: string; event_id: string}[]}>(
			`insert into webhook_deliveries
				(organisation_id, endpoint_id, event_id, api_version, event_type, replay)
			select organisation_id, endpoint_id, event_id, api_version, event_type, (
				select max(replay) + 1 from webhook_deliveries other
				where other.event_id = d.event_id and other.endpoint_id = d.endpoint_id
			)
			from webhook_deliveries d where id = ? returning id, event_id`,
			[id],
		);
		const [made] = answer.rows;
		if (made === undefined) return {kind: 'not found'};
		await record(transaction, by, {
			action: 'webhook.replayed',
			organisationId,
			target: {type: 'webhook', id: before.endpoint_id, name: nameOf(before)},
			details: {count: 1, event_id: made.event_id},
		});
		await announceDeliveries(transaction);
		const delivery = await toldDelivery(transaction, made.id);
		return delivery === undefined ? {kind: 'not found'} : {kind: 'replayed', delivery};
	});
}

/** Which events are sent again. `missing`: those the endpoint was never sent, as while disabled. */
export type ReplayFilter = {
	endpointId: string;
	which: 'dead' | 'missing' | 'all';
	eventType?: EventType | undefined;
	since: Date;
	until?: Date | undefined;
};

/** The events of a filter that an endpoint is to have; what is under way is left alone. */
const replayable = `select v.id as event_id, v.api_version, v.type, v.organisation_id, e.id as endpoint_id,
		coalesce(past.replay + 1, 0) as replay
	from webhook_endpoints e
	join events v on v.organisation_id = e.organisation_id and v.api_version = e.api_version
	left join lateral (
		select max(replay) as replay, bool_or(status = 'succeeded') as succeeded,
			bool_or(status in ('pending', 'queued', 'sending')) as waiting
		from webhook_deliveries d where d.event_id = v.id and d.endpoint_id = e.id
	) past on true
	where e.organisation_id = :organisationId and e.id = :endpointId
		and v.created_at >= :since and (:until::timestamptz is null or v.created_at < :until::timestamptz)
		and (:eventType::text is null or v.type = :eventType::text)
		and ${wanted}
		and not coalesce(past.waiting, false)
		and case :which
			when 'missing' then past.replay is null
			when 'dead' then past.replay is not null and not past.succeeded
			else true
		end
	order by v.sequence limit :most`;

/** How many events `replayMany` would send again, now. */
export async function countReplayable(
	db: Knex,
	organisationId: string,
	filter: ReplayFilter,
): Promise<number> {
	const statement = `select count(*)::integer as count from (${replayable}) found`;
	const answer = await db.raw<{rows: {count: number}[]}>(
		statement,
		bindings(organisationId, filter),
	);
	return answer.rows[0]?.count ?? 0;
}

/**
 * Sends many events to one active endpoint again, oldest first, `mostReplayed` at most.
 *
 * @returns how many
 */
export async function replayMany(
	db: Knex,
	by: By,
	organisationId: string,
	filter: ReplayFilter,
): Promise<number> {
	const statement = `insert into webhook_deliveries
			(organisation_id, endpoint_id, event_id, api_version, event_type, replay)
		select organisation_id, endpoint_id, event_id, api_version, type, replay
		from (${replayable}) found`;
	return db.transaction(async (transaction) => {
		await confirmRights(transaction, by);
		// One replay of an endpoint at a time: each counts those before it.
		const [endpoint] = await transaction('webhook_endpoints')
			.where({id: filter.endpointId, organisation_id: organisationId, status: 'active'})
			.forUpdate()
			.select('url', 'description');
		if (endpoint === undefined) return 0;
		const answer = await transaction.raw<{rowCount: number}>(
			statement,
			bindings(organisationId, filter),
		);
		const count = answer.rowCount;
		if (count === 0) return 0;
		await record(transaction, by, {
			action: 'webhook.replayed',
			organisationId,
			target: {type: 'webhook', id: filter.endpointId, name: nameOf(endpoint)},
			details: {count, which: filter.which, since: filter.since.toISOString()},
		});
		await announceDeliveries(transaction);
		return count;
	});
}

function bindings(organisationId: string, filter: ReplayFilter) {
	return {
		organisationId,
		endpointId: filter.endpointId,
		which: filter.which,
		since: filter.since,
		until: filter.until ?? null,
		eventType: filter.eventType ?? null,
		most: mostReplayed,
	};
}
