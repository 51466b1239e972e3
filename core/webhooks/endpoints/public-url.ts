import type {WebhookEndpointRow} from '../../db/tables.ts';

/**
 * What of an endpoint's URL everybody may know: scheme and host. Path and query are often the
 * credential of the receiver, so whoever may not manage webhooks, the audit trail, events to others
 * and logs get no more than this.
 */
export function publicUrl(url: string): string {
	return new URL(url).origin;
}

/** What the audit trail calls an endpoint. */
export function nameOf({
	description,
	url,
}: Pick<WebhookEndpointRow, 'description' | 'url'>): string {
	return description ?? publicUrl(url);
}
