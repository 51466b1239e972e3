import type {Router} from '@koa/router';
import {toTimestamp} from '../../contract/text.ts';
import type {Attempt, Delivery} from '../../contract/webhooks.ts';
import type {WebhookDeliveryRow} from '../../core/db/tables.ts';
import type {Deps} from '../../core/deps.ts';
import {findEndpoint} from '../../core/webhooks/endpoints.ts';
import {
	countReplayable,
	everyDelivery,
	findDelivery,
	listDeliveries,
	replayDelivery,
	replayMany,
	type AttemptRow,
	type DeliveryFilter,
} from '../../core/webhooks/ledger.ts';
import {lineSender} from '../http/lines.ts';
import {finishPage, pageOf} from '../http/page.ts';
import {isUuid} from '../http/params.ts';
import {Problem} from '../http/problem.ts';
import {mount} from '../http/route.ts';

/** Without `limit`: there are too many to answer with all of them. */
const defaultLimit = 100;

export function mountWebhookDeliveries(router: Router, deps: Deps): void {
	const {db, cursors} = deps;
	const sendLines = lineSender();

	mount(router, deps, 'listDeliveries', async ({ctx, query, organisationId}) => {
		const {limit = defaultLimit, cursor, ...filter} = query;
		const list = `deliveries:${organisationId}`;
		const page = pageOf({limit, cursor}, list, cursors);
		if (page instanceof Problem) return page;
		// What is no id belongs to no endpoint.
		if (filter.endpoint_id !== undefined && !isUuid(filter.endpoint_id)) return [];
		const rows = await listDeliveries(db, organisationId, filter, page);
		return finishPage(ctx, rows, {limit, cursor}, list, cursors).map(present);
	});

	mount(router, deps, 'exportDeliveries', async ({ctx, query, organisationId}) =>
		sendLines(ctx, `webhook-deliveries-${organisationId}.ndjson`, lines(organisationId, query)),
	);

	async function* lines(organisationId: string, filter: DeliveryFilter) {
		if (filter.endpoint_id !== undefined && !isUuid(filter.endpoint_id)) return;
		for await (const rows of everyDelivery(db, organisationId, filter)) {
			yield rows.map((row) => `${JSON.stringify(present(row))}\n`).join('');
		}
	}

	mount(router, deps, 'getDelivery', async ({params, organisationId}) => {
		const id = params['delivery_id'] ?? '';
		const found = isUuid(id) ? await findDelivery(db, organisationId, id) : undefined;
		if (found === undefined) return new Problem('delivery_not_found');
		const {delivery, url, payload, attempts} = found;
		return {...present(delivery), url, payload, log: attempts.map(presentAttempt)};
	});

	mount(router, deps, 'replayDelivery', async ({params, organisationId, by}) => {
		const id = params['delivery_id'] ?? '';
		if (!isUuid(id)) return new Problem('delivery_not_found');
		const replay = await replayDelivery(db, by, organisationId, id);
		switch (replay.kind) {
			case 'not found':
				return new Problem('delivery_not_found');
			case 'disabled':
				return new Problem('webhook_disabled');
			case 'replayed':
				return present(replay.delivery);
		}
	});

	mount(router, deps, 'replayDeliveries', async ({params, body, organisationId, by}) => {
		const {which, event_type: eventType, since, until} = body;
		const endpointId = params['webhook_id'] ?? '';
		const endpoint = isUuid(endpointId)
			? await findEndpoint(db, organisationId, endpointId)
			: undefined;
		if (endpoint === undefined) return new Problem('webhook_not_found');
		const filter = {endpointId, which, eventType, since, until};
		if (body.dry_run) {
			return {count: await countReplayable(db, organisationId, filter), dry_run: true};
		}
		if (endpoint.status !== 'active') return new Problem('webhook_disabled');
		return {count: await replayMany(db, by, organisationId, filter), dry_run: false};
	});
}

function present(row: WebhookDeliveryRow): Delivery {
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
