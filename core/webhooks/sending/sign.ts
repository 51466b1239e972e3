import {createHmac} from 'node:crypto';

/** What is signed: id, time of the attempt in seconds and body (Standard Webhooks 1.0.0). */
export function signedText(id: string, timestamp: number, body: string): string {
	return `${id}.${timestamp}.${body}`;
}

/**
 * The headers of an attempt. Every secret that still signs does, newest first, so that a receiver
 * may know the old one, the new one or both.
 *
 * @param keys bytes of the secrets
 * @param timestamp seconds since 1970
 */
export function signatureHeaders(
	keys: readonly Buffer[],
	message: {id: string; timestamp: number; body: string},
): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> {
	const {id, timestamp, body} = message;
	const text = signedText(id, timestamp, body);
	const signatures = keys.map(
		(key) => `v1,${createHmac('sha256', key).update(text).digest('base64')}`,
	);
	return {
		'webhook-id': id,
		'webhook-timestamp': String(timestamp),
		'webhook-signature': signatures.join(' '),
	};
}
