import type {Knex} from 'knex';
import type {EventType} from '../../../contract/events.ts';
import type {By} from '../../actor.ts';
import {record} from '../../audit/trail/record.ts';
import type {WebhookEndpointRow} from '../../db/tables.ts';
import {envelopeOf, newEventId} from '../../events/envelope.ts';
import {exampleData} from '../../events/types.ts';
import type {Vault} from '../../secrets/vault.ts';
import {openHeaders} from '../endpoints/headers.ts';
import {messageOf, type Message} from './message.ts';
import {nameOf} from '../endpoints/public-url.ts';
import {signingKeysOf} from '../endpoints/secrets.ts';
import {send, type SendOptions, type Sent} from './send.ts';
import {signedText} from './sign.ts';

/** Somebody waits for it. */
const testTimeoutMs = 10_000;
/** Marks what is not an event: the example of a type, sent because somebody asked for it. */
const testHeader = {'latchkey-webhook-test': '1'};

/** Values of custom headers may be secrets of the receiver. */
function hidden(headers: Record<string, string>): Record<string, string> {
	return Object.fromEntries(Object.keys(headers).map((name) => [name, '(hidden)']));
}

/** Sends the example of a type to an endpoint, also a disabled one, once and now. */
export async function sendTest(
	{db, vault, options, now}: {db: Knex; vault: Vault; options: SendOptions; now: () => number},
	by: By,
	endpoint: WebhookEndpointRow,
	type: EventType,
): Promise<{message: Message; signedText: string; sent: Sent}> {
	const startedAt = new Date(now());
	const id = newEventId();
	const payload = JSON.stringify(
		envelopeOf({
			id,
			type,
			at: startedAt,
			apiVersion: endpoint.api_version,
			organisationId: endpoint.organisation_id,
			sequence: 0,
			actor: by.actor,
			data: exampleData(type),
		}),
	);
	const keys = await signingKeysOf(db, vault, endpoint.id);
	const customHeaders = openHeaders(vault, endpoint.id, endpoint.custom_headers);
	const signed = messageOf({id, url: endpoint.url, payload, customHeaders}, keys, startedAt);
	const message: Message = {...signed, headers: {...signed.headers, ...testHeader}};
	// On record before anything leaves: a test sends to where the endpoint says.
	await db.transaction((transaction) =>
		record(transaction, by, {
			action: 'webhook.tested',
			organisationId: endpoint.organisation_id,
			target: {type: 'webhook', id: endpoint.id, name: nameOf(endpoint)},
			details: {event_type: type},
		}),
	);
	const sent = await send(
		{...message, organisationId: endpoint.organisation_id},
		{...options, timeoutMs: testTimeoutMs},
	);
	const timestamp = Number(message.headers['webhook-timestamp']);
	const shown = {...message, headers: {...message.headers, ...hidden(customHeaders)}};
	return {message: shown, signedText: signedText(id, timestamp, payload), sent};
}
