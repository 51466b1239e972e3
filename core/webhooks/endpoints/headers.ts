import type {WebhookEndpointRow} from '../../db/tables.ts';
import {sealedColumns} from '../../secrets/sealed-columns.ts';
import type {Vault} from '../../secrets/vault.ts';

/** Headers of an endpoint's own as they are stored: their values may be secrets of the receiver. */
export function sealHeaders(
	vault: Vault,
	endpointId: string,
	headers: Record<string, string>,
): Pick<WebhookEndpointRow, 'custom_headers' | 'custom_header_names'> {
	const names = Object.keys(headers);
	const plaintext = Buffer.from(JSON.stringify(headers));
	return {
		custom_headers:
			names.length === 0 ? null : vault.seal(sealedColumns.webhookHeaders, endpointId, plaintext),
		custom_header_names: names,
	};
}

/**
 * @param sealed null: there are none
 * @throws {SealError}
 */
export function openHeaders(
	vault: Vault,
	endpointId: string,
	sealed: Buffer | null,
): Record<string, string> {
	if (sealed === null) return {};
	const plaintext = vault.open(sealedColumns.webhookHeaders, endpointId, sealed);
	return JSON.parse(plaintext.toString()) as Record<string, string>;
}
