import type {Router} from '@koa/router';
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
} from '../../core/webhooks/endpoints.ts';
import {whyForbidden} from '../../core/webhooks/connect.ts';
import {sendingOptions} from '../../core/webhooks/options.ts';
import {listSecrets} from '../../core/webhooks/secrets.ts';
import {sendTest} from '../../core/webhooks/test.ts';
import {attempts} from '../http/attempts.ts';
import {isUuid} from '../http/params.ts';
import {Problem} from '../http/problem.ts';
import {mount} from '../http/route.ts';

const defaultGraceSeconds = 86_400;

export function mountWebhooks(router: Router, deps: Deps): void {
	const {db, vault} = deps;
	const sending = sendingOptions(deps.config);
	const tests = attempts({most: 20, windowMs: 60_000});

	mount(router, deps, 'listEventTypes', async () => describeEventTypes());

	mount(router, deps, 'listWebhooks', async ({organisationId}) =>
		present(await listEndpoints(db, organisationId)),
	);

	mount(router, deps, 'createWebhook', async ({body, organisationId, by}) => {
		const forbidden = await checkUrl(body.url);
		if (forbidden !== undefined) return forbidden;
		const {row, secret} = await createEndpoint(db, vault, by, organisationId, {
			url: body.url,
			description: body.description ?? null,
			eventTypes: body.event_types ?? null,
			customHeaders: body.custom_headers,
		});
		return {...(await presentOne(row)), secret};
	});

	mount(router, deps, 'getWebhook', async ({params, organisationId}) =>
		presentFound(await byId(params, (id) => findEndpoint(db, organisationId, id))),
	);

	mount(router, deps, 'updateWebhook', async ({params, body, organisationId, by}) => {
		const forbidden = await checkUrl(body.url);
		if (forbidden !== undefined) return forbidden;
		return presentFound(
			await byId(params, (id) => updateEndpoint(db, vault, by, organisationId, id, body)),
		);
	});

	mount(router, deps, 'deleteWebhook', async ({params, organisationId, by}) => {
		const isDeleted = await byId(params, (id) => deleteEndpoint(db, by, organisationId, id));
		if (!isDeleted) return new Problem('webhook_not_found');
		return {message: 'Webhook deleted successfully'};
	});

	mount(router, deps, 'rotateWebhookSecret', async ({params, body, organisationId, by}) => {
		const grace = body.grace_seconds ?? defaultGraceSeconds;
		const made = await byId(params, (id) => rotateSecret(db, vault, by, organisationId, id, grace));
		if (made === undefined) return new Problem('webhook_not_found');
		return {secret: made.secret, previous_expires_at: toTimestamp(made.previousExpiresAt)};
	});

	mount(router, deps, 'revokeWebhookSecrets', async ({params, organisationId, by}) =>
		presentFound(await byId(params, (id) => revokeReplacedSecrets(db, by, organisationId, id))),
	);

	mount(router, deps, 'testWebhook', async ({params, body, organisationId, by}) => {
		const row = await byId(params, (id) => findEndpoint(db, organisationId, id));
		if (row === undefined) return new Problem('webhook_not_found');
		if (!tests.take(organisationId)) return tests.refuse(organisationId);
		const {options} = await sending;
		const type = body.event_type ?? 'webhook.test';
		const {message, signedText, sent} = await sendTest({db, vault, options}, by, row, type);
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
	async function checkUrl(url: string | undefined): Promise<Problem | undefined> {
		if (url === undefined) return undefined;
		const why = await whyForbidden(new URL(url), (await sending).options.policy);
		if (why === undefined) return undefined;
		return new Problem('invalid_field', {message: `url: ${why}`, field: 'url'});
	}

	async function presentFound(row: WebhookEndpointRow | undefined): Promise<Endpoint | Problem> {
		return row === undefined ? new Problem('webhook_not_found') : presentOne(row);
	}

	async function presentOne(row: WebhookEndpointRow): Promise<Endpoint> {
		const [endpoint] = await present([row]);
		if (endpoint === undefined) throw new Error('an endpoint was not presented');
		return endpoint;
	}

	async function present(rows: readonly WebhookEndpointRow[]): Promise<Endpoint[]> {
		const secrets = await listSecrets(
			db,
			rows.map((row) => row.id),
		);
		return rows.map((row) => ({
			id: row.id,
			url: row.url,
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

async function byId<T>(
	params: Record<string, string>,
	find: (id: string) => Promise<T | undefined>,
): Promise<T | undefined> {
	const id = params['webhook_id'] ?? '';
	return isUuid(id) ? find(id) : undefined;
}
