import {version} from '../../version.ts';
import {signatureHeaders} from './sign.ts';

/** What is sent in one attempt. */
export type Message = {url: string; headers: Record<string, string>; body: string};

/**
 * An attempt to send an event: its time and signatures are its own, id and body are the event's.
 *
 * @param event with the headers of the endpoint's own
 * @param keys bytes of the secrets that sign, newest first
 */
export function messageOf(
	event: {id: string; url: string; payload: string; customHeaders: Record<string, string>},
	keys: readonly Buffer[],
	startedAt: Date,
): Message {
	const timestamp = Math.floor(startedAt.getTime() / 1000);
	return {
		url: event.url,
		headers: {
			...event.customHeaders,
			...signatureHeaders(keys, {id: event.id, timestamp, body: event.payload}),
			'content-type': 'application/json; charset=utf-8',
			'user-agent': `latchkey-webhooks/${version}`,
		},
		body: event.payload,
	};
}
