import type {Knex} from 'knex';
import type {EventType} from '../../contract/events.ts';
import type {AttemptResult, DeliveryStatus, Timings} from '../../contract/webhooks.ts';
import type {By} from '../audit/actor.ts';
import {record} from '../audit/record.ts';
import {sliceNewestFirst, type Slice} from '../db/position.ts';
import type {WebhookDeliveryRow, WebhookEndpointRow} from '../db/tables.ts';
import {deliveriesChannel} from '../events/publish.ts';

/** Most deliveries that one request sends again. */
export const mostReplayed = 10_000;

export type DeliveryFilter = {
	endpoint_id?: string | undefined;
	event_type?: EventType | undefined;
	status?: DeliveryStatus | undefined;
	since?: Date | undefined;
	until?: Date | undefined;
};

/** Newest first. */
export async function listDeliveries(
	db: Knex,
	organisationId: string,
	filter: DeliveryFilter,
	slice: Slice,
): Promise<WebhookDeliveryRow[]> {
	const query = db('webhook_deliveries').select('*').where({organisation_id: organisationId});
	if (filter.endpoint_id !== undefined) query.where({endpoint_id: filter.endpoint_id});
	if (filter.event_type !== undefined) query.where({event_type: filter.event_type});
	if (filter.status !== undefined) query.where({status: filter.status});
	if (filter.since !== undefined) query.where('created_at', '>=', filter.since);
	if (filter.until !== undefined) query.where('created_at', '<', filter.until);
	sliceNewestFirst(query, slice);
	return (await query) as WebhookDeliveryRow[];
}

/** Few enough for the request path's bound on a statement, and for a client that reads slowly. */
const batchSize = 500;

/** All of them, newest first, read as they are taken; those that come meanwhile are left out. */
export async function* everyDelivery(
	db: Knex,
	organisationId: string,
	filter: DeliveryFilter,
): AsyncGenerator<WebhookDeliveryRow[], void> {
	let position: Slice['position'];
	for (;;) {
		const rows = await listDeliveries(db, organisationId, filter, {limit: batchSize, position});
		const last = rows.at(-1);
		if (last === undefined) return;
		yield rows;
		position = {createdAt: last.created_at.toISOString(), id: last.id};
	}
}

export type AttemptRow = {
	delivery_id: string;
	number: number;
	started_at: Date;
	timings: Timings;
	address: string | null;
	status_code: number | null;
	result: AttemptResult;
	detail: string | null;
	response_headers: Record<string, string> | null;
	response_body: string | null;
};

export type DeliveryWithLog = {
	delivery: WebhookDeliveryRow;
	url: string;
	payload: string;
	attempts: AttemptRow[];
};

/** One delivery with what was sent and each attempt. */
export async function findDelivery(
	db: Knex,
	organisationId: string,
	id: string,
): Promise<DeliveryWithLog | undefined> {
	const row = await db('webhook_deliveries as d')
		.join('webhook_endpoints as e', 'e.id', 'd.endpoint_id')
		.join('events as v', (on) => {
			on.on('v.id', 'd.event_id').on('v.api_version', 'd.api_version');
		})
		.where({'d.id': id, 'd.organisation_id': organisationId})
		.select('d.*', 'e.url', 'v.payload')
		.first<(WebhookDeliveryRow & {url: string; payload: string}) | undefined>();
	if (row === undefined) return undefined;
	const attempts = await db<AttemptRow>('webhook_attempts')
		.where({delivery_id: id})
		.orderBy('number');
	const {url, payload, ...delivery} = row;
	return {delivery, url, payload, attempts};
}

export type Replay =
	| {kind: 'replayed'; delivery: WebhookDeliveryRow}
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
		const before = await transaction('webhook_deliveries as d')
			.join('webhook_endpoints as e', 'e.id', 'd.endpoint_id')
			.where({'d.id': id, 'd.organisation_id': organisationId})
			.forUpdate('e')
			.select('e.status', 'e.url', 'd.endpoint_id')
			.first<{status: string; url: string; endpoint_id: string} | undefined>();
		if (before === undefined) return {kind: 'not found'};
		if (before.status !== 'active') return {kind: 'disabled'};
		const answer = await transaction.raw<{rows: WebhookDeliveryRow[]}>(
			`insert into webhook_deliveries
				(organisation_id, endpoint_id, event_id, api_version, event_type, replay)
			select organisation_id, endpoint_id, event_id, api_version, event_type, (
				select max(replay) + 1 from webhook_deliveries other
				where other.event_id = d.event_id and other.endpoint_id = d.endpoint_id
			)
			from webhook_deliveries d where id = ? returning *`,
			[id],
		);
		const [delivery] = answer.rows;
		if (delivery === undefined) return {kind: 'not found'};
		await record(transaction, by, {
			action: 'webhook.replayed',
			organisationId,
			target: {type: 'webhook', id: before.endpoint_id, name: before.url},
			details: {count: 1, event_id: delivery.event_id},
		});
		await announce(transaction);
		return {kind: 'replayed', delivery};
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

/**
 * The events of a filter that an endpoint wants; what is under way is left alone, and so is what is
 * told of the endpoint itself.
 */
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
		and (e.event_types is null or v.type = any (e.event_types))
		and (v.type not like 'webhook.%' or v.payload::jsonb #>> '{data,endpoint,id}' is distinct from e.id::text)
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
		// One replay of an endpoint at a time: each counts those before it.
		const [endpoint] = await transaction('webhook_endpoints')
			.where({id: filter.endpointId, organisation_id: organisationId, status: 'active'})
			.forUpdate()
			.select('url');
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
			target: {type: 'webhook', id: filter.endpointId, name: endpoint.url},
			details: {count, which: filter.which, since: filter.since.toISOString()},
		});
		await announce(transaction);
		return count;
	});
}

/** An event that began just before the endpoint was disabled and was written just after. */
const longestChange = '1 minute';

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
	const answer = await transaction.raw<{rowCount: number}>(
		`insert into webhook_deliveries
			(organisation_id, endpoint_id, event_id, api_version, event_type, replay)
		select v.organisation_id, e.id, v.id, v.api_version, v.type, coalesce(past.replay + 1, 0)
		from webhook_endpoints e
		join events v on v.organisation_id = e.organisation_id and v.api_version = e.api_version
		left join lateral (
			select max(replay) as replay, bool_or(status = 'cancelled' and finished_at >= :since::timestamptz) as cancelled
			from webhook_deliveries d where d.event_id = v.id and d.endpoint_id = e.id
		) past on true
		where e.id = :id and (e.event_types is null or v.type = any (e.event_types))
			and (v.type not like 'webhook.%' or v.payload::jsonb #>> '{data,endpoint,id}' is distinct from e.id::text)
			and (past.cancelled or past.replay is null
				and v.created_at >= greatest(e.created_at, :since::timestamptz - :before::interval))
		order by v.sequence limit :most`,
		{
			id: endpoint.id,
			since: endpoint.disabled_at,
			before: longestChange,
			most: mostReplayed,
		},
	);
	const count = answer.rowCount;
	if (count === 0) return;
	await record(transaction, by, {
		action: 'webhook.replayed',
		organisationId: endpoint.organisation_id,
		target: {type: 'webhook', id: endpoint.id, name: endpoint.description ?? endpoint.url},
		details: {count, which: 'missed', since: endpoint.disabled_at?.toISOString()},
	});
	await announce(transaction);
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

async function announce(transaction: Knex.Transaction): Promise<void> {
	await transaction.raw('select pg_notify(?, ?)', [deliveriesChannel, '']);
}
