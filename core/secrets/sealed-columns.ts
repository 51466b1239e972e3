/** A column whose values are sealed: where it is, what names a row, and what its key is for. */
export type SealedColumn = {
	table: string;
	column: string;
	/** Column that identifies a row and never changes. Errors show it, so it must be no secret. */
	id: string;
	/** Each purpose has a key of its own, derived from the master key. */
	purpose: string;
};

/**
 * Every sealed column. One line here is all that `latchkey secrets rotate` needs to re-encrypt it;
 * its migration adds a `master_key_id` like those of 0004.
 */
export const sealedColumns = {
	signingKey: {table: 'signing_keys', column: 'private_key', id: 'kid', purpose: 'signing key'},
	instanceSecret: {
		table: 'instance_secrets',
		column: 'value',
		id: 'name',
		purpose: 'instance secret',
	},
	webhookSecret: {
		table: 'webhook_secrets',
		column: 'sealed',
		id: 'id',
		purpose: 'webhook secret',
	},
	webhookHeaders: {
		table: 'webhook_endpoints',
		column: 'custom_headers',
		id: 'id',
		purpose: 'webhook headers',
	},
	deviceCode: {table: 'device_logins', column: 'device_code', id: 'id', purpose: 'device code'},
	/** Sealed before with a key of the request's header, which nobody has: this is the outer seal alone. */
	idempotentAnswer: {
		table: 'idempotency_keys',
		column: 'answer',
		id: 'id',
		purpose: 'idempotent answer',
	},
} as const satisfies Record<string, SealedColumn>;
