import type {Router} from '@koa/router';
import {allows} from '../../contract/permissions.ts';
import {toTimestamp} from '../../contract/text.ts';
import type {Endpoint} from '../../contract/webhooks.ts';
import type {WebhookEndpointRow} from '../../core/db/tables.ts';
import type {Deps} from '../../core/deps.ts';
import {describeEventTypes} from '../../core/events/types.ts';
import {
	createEndpoint,
	deleteEndpoint,
	findEndpoint,
	listEndpoints,
	revokeReplacedSecrets,
	rotateSecret,
	updateEndpoint,
} from '../../core/webhooks/endpoints/endpoints.ts';
import {whyForbidden} from '../../core/webhooks/sending/send.ts';
import {knownNodes} from '../../core/redis/cluster.ts';
import {openSending} from '../../core/webhooks/sending/options.ts';
import {publicUrl} from '../../core/webhooks/endpoints/public-url.ts';
import {listSecrets} from '../../core/webhooks/endpoints/secrets.ts';
import {sendTest} from '../../core/webhooks/sending/send-test.ts';
import {createAttemptLimiter} from '../http/attempt-limiter.ts';
import type {Membership} from '../http/organisation.ts';
import {Problem} from '../http/problem.ts';
import {mount} from '../http/route.ts';

const defaultGraceSeconds = 86_400;

export function mountWebhooks(router: Router, deps: Deps): void {
	const {db, vault, clock} = deps;
	const sending = openSending(deps.config, () => knownNodes(deps.redis), deps.clock.now);
	const tests = createAttemptLimiter({most: 20, windowMs: 60_000});

	mount(router, deps, 'listEventTypes', async () => describeEventTypes());

	mount(router, deps, 'listWebhooks', async ({organisationId, membership}) =>
		present(await listEndpoints(db, organisationId), membership),
	);

	mount(router, deps, 'createWebhook', async ({body, organisationId, membership, by}) => {
		const forbidden = await checkUrl(body.url, organisationId);
		if (forbidden !== undefined) return forbidden;
		const endpoint = {
			url: body.url,
			description: body.description ?? null,
			eventTypes: body.event_types ?? null,
			customHeaders: body.custom_headers,
		};
		const most = deps.config.limits.webhookEndpoints;
		const made = await createEndpoint(db, vault, by, organisationId, endpoint, most);
		const {row, secret} = made;
		return {...(await presentOne(row, membership)), secret};
	});

	mount(router, deps, 'getWebhook', async ({params, organisationId, membership}) => {
		const row = await findEndpoint(db, organisationId, params.webhook_id);
		return row && presentOne(row, membership);
	});

	mount(router, deps, 'updateWebhook', async ({params, body, organisationId, membership, by}) => {
		const forbidden = await checkUrl(body.url, organisationId);
		if (forbidden !== undefined) return forbidden;
		const {webhook_id: id} = params;
		const row = await updateEndpoint(db, vault, by, organisationId, id, body);
		return row && presentOne(row, membership);
	});

	mount(router, deps, 'deleteWebhook', async ({params, organisationId, by}) => {
		const isDeleted = await deleteEndpoint(db, by, organisationId, params.webhook_id);
		return isDeleted ? {message: 'Webhook deleted successfully'} : undefined;
	});

	mount(router, deps, 'rotateWebhookSecret', async ({params, body, organisationId, by}) => {
		const grace = body.grace_seconds ?? defaultGraceSeconds;
		const {webhook_id: id} = params;
		const made = await rotateSecret(db, vault, by, organisationId, id, grace);
		if (made === undefined) return undefined;
		return {secret: made.secret, previous_expires_at: toTimestamp(made.previousExpiresAt)};
	});

	mount(router, deps, 'revokeWebhookSecrets', async ({params, organisationId, membership, by}) => {
		const row = await revokeReplacedSecrets(db, by, organisationId, params.webhook_id);
		return row && presentOne(row, membership);
	});

	mount(router, deps, 'testWebhook', async ({params, body, organisationId, by}) => {
		const row = await findEndpoint(db, organisationId, params.webhook_id);
		if (row === undefined) return undefined;
		if (!tests.take(organisationId)) return tests.refuse(organisationId);
		const {options} = await sending;
		const type = body.event_type ?? 'webhook.test';
		const {message, signedText, sent} = await sendTest(
			{db, vault, options, now: clock.now},
			by,
			row,
			type,
		);
		return {
			result: sent.result,
			detail: sent.detail,
			address: sent.address,
			status_code: sent.statusCode,
			timings: sent.timings,
			response_headers: sent.responseHeaders,
			response_body: sent.responseBody,
			request: {headers: message.headers, body: message.body, signed_text: signedText},
		};
	});

	/** Says early, and with the way out, what would be refused when something is sent. */
	async function checkUrl(
		url: string | undefined,
		organisationId: string,
	): Promise<Problem | undefined> {
		if (url === undefined) return undefined;
		const why = await whyForbidden(new URL(url), organisationId, (await sending).options);
		if (why === undefined) return undefined;
		return new Problem('invalid_field', {message: `url: ${why}`, field: 'url'});
	}

	async function presentOne(row: WebhookEndpointRow, membership: Membership): Promise<Endpoint> {
		const [endpoint] = await present([row], membership);
		if (endpoint === undefined) throw new Error('an endpoint was not presented');
		return endpoint;
	}

	async function present(
		rows: readonly WebhookEndpointRow[],
		{role}: Membership,
	): Promise<Endpoint[]> {
		const isWhole = allows('webhooks:manage', role);
		const secrets = await listSecrets(
			db,
			rows.map((row) => row.id),
		);
		return rows.map((row) => ({
			id: row.id,
			url: isWhole ? row.url : publicUrl(row.url),
			url_shown: isWhole ? 'whole' : 'origin',
			description: row.description,
			event_types: row.event_types,
			custom_header_names: row.custom_header_names,
			api_version: row.api_version,
			status: row.status,
			disabled_reason: row.disabled_reason,
			disabled_at: row.disabled_at && toTimestamp(row.disabled_at),
			created_at: toTimestamp(row.created_at),
			updated_at: toTimestamp(row.updated_at),
			last_success_at: row.last_success_at && toTimestamp(row.last_success_at),
			consecutive_failures: row.consecutive_failures,
			failing_since: row.first_failure_at && toTimestamp(row.first_failure_at),
			paused_until: row.open_until && toTimestamp(row.open_until),
			secrets: (secrets.get(row.id) ?? []).map((secret) => ({
				created_at: toTimestamp(secret.created_at),
				expires_at: secret.expires_at && toTimestamp(secret.expires_at),
			})),
		}));
	}
}
