import {type EventType, eventTypeNames} from '../../contract/events.ts';
import {
	createEndpointRequest,
	type Endpoint,
	rotateSecretRequest,
	testRequest,
	updateEndpointRequest,
} from '../../contract/webhooks.ts';
import {exitCodes} from '../failure.ts';
import {clean} from '../text/clean.ts';
import {ago, moment} from '../text/time.ts';
import {answerChange, answerItem, type Column, listing, removal} from './answer.ts';
import {type Command, type Context, organisationOption, secretOption} from './command.ts';
import {commands as deliveryCommands} from './deliveries.ts';
import {checked, checkedChange, durationFlag, listFlag, onlyArgument} from './flags.ts';
import {makingSecret} from './making-secret.ts';
import {organisationId} from './organisation.ts';
import {findWebhookId, webhookPlace} from './resource-ids.ts';

const facts: readonly Column<Endpoint>[] = [
	['id', ({id}) => id],
	['url', ({url}) => url],
	['status', statusOf],
	['description', ({description}) => description ?? '-'],
	['events', ({event_types}) => event_types?.join(', ') ?? 'all'],
	['own headers', ({custom_header_names}) => custom_header_names.join(', ') || '-'],
	['failures in a row', ({consecutive_failures}) => String(consecutive_failures)],
	['failing since', ({failing_since}) => (failing_since === null ? '-' : moment(failing_since))],
	['last success', ({last_success_at}, now) => ago(last_success_at, now)],
	['paused until', ({paused_until}) => (paused_until === null ? '-' : moment(paused_until))],
	['secrets', ({secrets}) => secrets.map(secretText).join(', ')],
	['created', ({created_at}) => moment(created_at)],
];

const members = {
	description: {type: 'string', value: 'TEXT', help: 'what it is for'},
	events: {type: 'string', value: 'TYPE,…', help: 'only events of these types, or all'},
} as const;

const enabling = {
	'replay-missed': {type: 'boolean', help: 'send what it missed since it was disabled'},
} as const;

/** `--url` is the server that commands talk to: where a webhook goes has a name of its own. */
const target = {type: 'string', value: 'URL'} as const;

export const commands: readonly Command[] = [
	listing({
		path: ['webhooks', 'list'],
		summary: 'List webhook endpoints',
		options: organisationOption,
		columns: [
			...facts.slice(0, 3),
			['failures', ({consecutive_failures}) => String(consecutive_failures)],
			['last success', ({last_success_at}, now) => ago(last_success_at, now)],
		],
		id: ({id}) => id,
		none: 'No webhooks. Make one with `latchkey webhooks create --to URL`.',
		async *pages(context) {
			yield await context.client.call('listWebhooks', {org_id: await organisationId(context)});
		},
	}),
	{
		path: ['webhooks', 'show'],
		arguments: webhookPlace,
		summary: 'Show one endpoint',
		options: organisationOption,
		async run(context) {
			const endpoint = await find(context);
			return answerItem(context, endpoint, {facts, id: endpoint.id});
		},
	},
	{
		path: ['webhooks', 'create'],
		summary: 'Create an endpoint; print its signing secret once',
		changes: true,
		options: {
			...organisationOption,
			to: {...target, required: true, help: 'where events are sent'},
			...members,
			...secretOption,
		},
		async run(context) {
			const hint = 'latchkey webhooks create --to URL [--events key.revoked,…]';
			const body = checked(createEndpointRequest, membersOf(context), hint);
			const org_id = await organisationId(context);
			return makingSecret(context, async () => {
				const {body: made} = await context.client.call('createWebhook', {org_id, body});
				const said = `Created a webhook to ${clean(made.url)} (${made.id}). This is the only time its secret is shown:`;
				return {
					document: made,
					secret: 'secret',
					id: made.id,
					said,
					async undo() {
						await context.client.call('deleteWebhook', {org_id, webhook_id: made.id});
						return 'the webhook was deleted';
					},
					otherwise: `Delete it: \`latchkey webhooks delete ${made.id}\`.`,
				};
			});
		},
	},
	change('update', 'Change where an endpoint is, or which events it gets', 'is updated'),
	change('enable', 'Enable an endpoint again', 'is enabled', {status: 'active'}, enabling),
	change('disable', 'Disable an endpoint; nothing is sent to it', 'is disabled', {
		status: 'disabled',
	}),
	removal({
		path: ['webhooks', 'delete'],
		arguments: webhookPlace,
		summary: 'Delete an endpoint with its deliveries',
		options: organisationOption,
		doing: 'Deleting a webhook',
		question: async (context) =>
			`Delete the webhook to ${clean((await find(context)).url)}? Waiting deliveries are never sent.`,
		async remove(context) {
			const {body} = await context.client.call('deleteWebhook', await placeOf(context));
			return {document: body, said: `${body.message}.`};
		},
	}),
	{
		path: ['webhooks', 'rotate-secret'],
		arguments: webhookPlace,
		summary: 'Create a new signing secret and print it once',
		changes: true,
		options: {
			...organisationOption,
			grace: {
				type: 'string',
				value: 'SPAN',
				help: 'how long the old one keeps signing, too: 0s to 7d (1d)',
			},
			...secretOption,
		},
		async run(context) {
			const grace = durationFlag(context.flags, 'grace');
			const given = {grace_seconds: grace === undefined ? undefined : grace / 1000};
			const hint = 'latchkey webhooks rotate-secret ID|URL [--grace 1d]';
			const body = checked(rotateSecretRequest, given, hint);
			const {org_id, webhook_id} = await placeOf(context);
			return makingSecret(context, async () => {
				const input = {org_id, webhook_id, body};
				const {body: made} = await context.client.call('rotateWebhookSecret', input);
				const said = `The old secret signs, too, until ${moment(made.previous_expires_at)}. This is the only time the new one is shown:`;
				const otherwise = `It signs already: make another with \`latchkey webhooks rotate-secret ${webhook_id}\`.`;
				return {document: made, secret: 'secret', id: webhook_id, said, otherwise};
			});
		},
	},
	{
		path: ['webhooks', 'end-replaced-secrets'],
		arguments: webhookPlace,
		summary: 'End the signing secrets that were replaced, before their time',
		changes: true,
		options: organisationOption,
		async run(context) {
			const place = await placeOf(context);
			const {body} = await context.client.call('revokeWebhookSecrets', place);
			const said = `Only the newest secret signs for the webhook to ${clean(body.url)}`;
			return answerChange(context, body, said);
		},
	},
	{
		path: ['webhooks', 'test'],
		arguments: webhookPlace,
		summary: 'Send the example of an event now, and say how it went',
		changes: true,
		options: {
			...organisationOption,
			event: {
				type: 'string',
				value: 'TYPE',
				choices: eventTypeNames,
				help: 'instead of webhook.test',
			},
		},
		async run(context) {
			const {client, flags, output} = context;
			const given = {event_type: flags['event']};
			const body = checked(testRequest, given, 'latchkey webhooks test ID|URL [--event TYPE]');
			const place = await placeOf(context);
			const {body: sent} = await client.call('testWebhook', {...place, body});
			if (flags['json'] === true) output.json(sent);
			else if (flags['quiet'] === true) output.lines([clean(sent.result)]);
			else {
				output.facts([
					['result', sent.result],
					['status', String(sent.status_code ?? '-')],
					['detail', sent.detail ?? '-'],
					['address', sent.address ?? '-'],
					['took', `${Math.round(sent.timings.total)} ms`],
				]);
			}
			return sent.result === 'succeeded' ? exitCodes.done : exitCodes.failed;
		},
	},
	...deliveryCommands,
];

/** What changes an endpoint: by options, or to a state that the verb names. */
function change(
	verb: string,
	summary: string,
	said: string,
	state?: {status: Endpoint['status']},
	more: Command['options'] = {},
): Command {
	const options = {to: {...target, help: 'where events are sent'}, ...members};
	return {
		path: ['webhooks', verb],
		arguments: webhookPlace,
		summary,
		changes: true,
		options: {...organisationOption, ...(state === undefined ? options : more)},
		async run(context) {
			const hint = 'latchkey webhooks update ID|URL [--to URL] [--events TYPE,…]';
			const body = checkedChange(updateEndpointRequest, stateOf(context, state), hint);
			const input = {...(await placeOf(context)), body};
			const {body: endpoint} = await context.client.call('updateWebhook', input);
			return answerChange(context, endpoint, `The webhook to ${clean(endpoint.url)} ${said}`);
		},
	};
}

function stateOf(context: Context, state?: {status: Endpoint['status']}) {
	if (state === undefined) return membersOf(context);
	return {...state, replay_missed: context.flags['replay-missed']};
}

function membersOf({flags}: Context) {
	const events = listFlag(flags, 'events');
	return {
		url: flags['to'],
		description: flags['description'],
		event_types: events?.join() === 'all' ? null : (events as EventType[] | undefined),
	};
}

async function find(context: Context): Promise<Endpoint> {
	return (await context.client.call('getWebhook', await placeOf(context))).body;
}

/** The endpoint that the one argument is for, and its organisation. @throws {Failure} */
async function placeOf(context: Context): Promise<{org_id: string; webhook_id: string}> {
	const wanted = onlyArgument(context, 'webhook');
	const org_id = await organisationId(context);
	return {org_id, webhook_id: await findWebhookId(context.client, org_id, wanted)};
}

function statusOf({status, disabled_reason, paused_until}: Endpoint): string {
	if (disabled_reason !== null) return `${status} (${disabled_reason})`;
	return paused_until === null ? status : 'paused';
}

function secretText({created_at, expires_at}: Endpoint['secrets'][number]): string {
	const until = expires_at === null ? '' : ` until ${moment(expires_at)}`;
	return `of ${moment(created_at)}${until}`;
}
