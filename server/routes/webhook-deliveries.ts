import type {Router} from '@koa/router';
import {allows} from '../../contract/permissions.ts';
import {isUuid, toTimestamp} from '../../contract/text.ts';
import type {Attempt, Delivery} from '../../contract/webhooks.ts';
import type {Deps} from '../../core/deps.ts';
import {findEndpoint} from '../../core/webhooks/endpoints/endpoints.ts';
import {
	everyDelivery,
	findDelivery,
	listDeliveries,
	type AttemptRow,
	type DeliveryFilter,
	type ToldDelivery,
} from '../../core/webhooks/deliveries/ledger.ts';
import {
	countReplayable,
	replayDelivery,
	replayMany,
} from '../../core/webhooks/deliveries/replay.ts';
import {publicUrl} from '../../core/webhooks/endpoints/public-url.ts';
import {createLineSender} from '../http/lines.ts';
import {list} from '../http/list.ts';
import {Problem} from '../http/problem.ts';
import {mount} from '../http/route.ts';

/** Without `limit`: there are too many to answer with all of them. */
const pageSize = 100;

export function mountWebhookDeliveries(router: Router, deps: Deps): void {
	const {db} = deps;
	const sendLines = createLineSender(db);

	mount(router, deps, 'listDeliveries', async ({query, organisationId}) => {
		const {limit: _limit, cursor: _cursor, ...filter} = query;
		return list({
			name: `deliveries:${organisationId}`,
			read: async (slice) =>
				isOfNothing(filter) ? [] : listDeliveries(db, organisationId, filter, slice),
			present,
			pageSize,
		});
	});

	mount(router, deps, 'exportDeliveries', async ({ctx, query, organisationId, by}) =>
		sendLines(ctx, by, `webhook-deliveries-${organisationId}.ndjson`, lines(organisationId, query)),
	);

	async function* lines(organisationId: string, filter: DeliveryFilter) {
		if (isOfNothing(filter)) return;
		for await (const rows of everyDelivery(db, organisationId, filter)) {
			yield rows.map((row) => `${JSON.stringify(present(row))}\n`).join('');
		}
	}

	mount(router, deps, 'getDelivery', async ({params, organisationId, membership}) => {
		const found = await findDelivery(db, organisationId, params.delivery_id);
		if (found === undefined) return undefined;
		const {delivery, payload, attempts} = found;
		const isWhole = allows('webhooks:manage', membership.role);
		const url = isWhole ? found.url : publicUrl(found.url);
		return {...present(delivery), url, payload, log: attempts.map(presentAttempt)};
	});

	mount(router, deps, 'replayDelivery', async ({params, organisationId, by}) => {
		const replay = await replayDelivery(db, by, organisationId, params.delivery_id);
		switch (replay.kind) {
			case 'not found':
				return undefined;
			case 'disabled':
				return new Problem('webhook_disabled');
			case 'replayed':
				return present(replay.delivery);
		}
	});

	mount(router, deps, 'replayDeliveries', async ({params, body, organisationId, by}) => {
		const {which, event_type: eventType, since, until} = body;
		const {webhook_id: endpointId} = params;
		const endpoint = await findEndpoint(db, organisationId, endpointId);
		if (endpoint === undefined) return undefined;
		const filter = {endpointId, which, eventType, since, until};
		if (body.dry_run) {
			return {count: await countReplayable(db, organisationId, filter), dry_run: true};
		}
		if (endpoint.status !== 'active') return new Problem('webhook_disabled');
		return {count: await replayMany(db, by, organisationId, filter), dry_run: false};
	});
}

/** What is not an id is that of no endpoint. */
function isOfNothing({endpoint_id: id}: DeliveryFilter): boolean {
	return id !== undefined && !isUuid(id);
}

function present(row: ToldDelivery): Delivery {
	return {
		id: row.id,
		endpoint_id: row.endpoint_id,
		event_id: row.event_id,
		event_type: row.event_type,
		replay: row.replay,
		status: row.status,
		attempts: row.attempt,
		next_attempt_at: row.status === 'pending' ? toTimestamp(row.next_at) : null,
		created_at: toTimestamp(row.created_at),
		finished_at: row.finished_at && toTimestamp(row.finished_at),
		last_status_code: row.last_status,
		last_error: row.last_error,
		key: row.key,
	};
}

function presentAttempt(row: AttemptRow): Attempt {
	return {
		number: row.number,
		started_at: toTimestamp(row.started_at),
		result: row.result,
		detail: row.detail,
		address: row.address,
		status_code: row.status_code,
		timings: row.timings,
		response_headers: row.response_headers,
		response_body: row.response_body,
	};
}
