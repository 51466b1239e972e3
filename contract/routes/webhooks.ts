import type {Routes} from '../route.ts';
import * as webhooks from '../webhooks.ts';

const base = '/api/v1/organizations/:org_id/webhooks';

export const webhookRoutes = {
	listEventTypes: {
		method: 'GET',
		path: '/api/v1/webhooks/event-types',
		credentials: 'jwt',
		status: 200,
		response: webhooks.eventTypeList,
		summary: 'Every type of event, with its JSON Schema and an example',
	},
	listWebhooks: {
		method: 'GET',
		path: base,
		credentials: 'jwt',
		permission: 'webhooks:read',
		status: 200,
		response: webhooks.endpointList,
		summary: 'Webhook endpoints of an organisation, newest first',
	},
	createWebhook: {
		method: 'POST',
		path: base,
		credentials: 'jwt',
		permission: 'webhooks:manage',
		body: webhooks.createEndpointRequest,
		status: 201,
		response: webhooks.createdEndpoint,
		summary: 'Create an endpoint; the answer is the only time its secret is shown',
	},
	getWebhook: {
		method: 'GET',
		path: `${base}/:webhook_id`,
		credentials: 'jwt',
		permission: 'webhooks:read',
		status: 200,
		response: webhooks.endpoint,
		summary: 'One endpoint',
	},
	updateWebhook: {
		method: 'PATCH',
		path: `${base}/:webhook_id`,
		credentials: 'jwt',
		permission: 'webhooks:manage',
		body: webhooks.updateEndpointRequest,
		status: 200,
		response: webhooks.endpoint,
		summary: 'Change the given members; `status` enables or disables',
	},
	deleteWebhook: {
		method: 'DELETE',
		path: `${base}/:webhook_id`,
		credentials: 'jwt',
		permission: 'webhooks:manage',
		status: 200,
		response: webhooks.endpointDeleted,
		summary: 'Delete an endpoint with its deliveries; what waits is never sent',
	},
	rotateWebhookSecret: {
		method: 'POST',
		path: `${base}/:webhook_id/rotate-secret`,
		credentials: 'jwt',
		permission: 'webhooks:manage',
		body: webhooks.rotateSecretRequest,
		status: 200,
		response: webhooks.rotatedSecret,
		summary: 'Make a new signing secret; the one before signs, too, for grace_seconds (a day)',
	},
} as const satisfies Routes;
