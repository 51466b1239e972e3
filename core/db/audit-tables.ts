/* Rows of the audit trail. */

export type AuditHeadRow = {
	chain: string;
	sequence: string;
	recorded_at: Date;
	previous_hash: Buffer;
	hash: Buffer;
};

export type AuditEntryRow = {
	chain: string;
	sequence: string;
	recorded_at: Date;
	content: string;
	previous_hash: Buffer;
	hash: Buffer;
	action: string;
	outcome: string;
	actor_id: string | null;
	target_id: string | null;
};

export type AuditSignedHeadRow = Pick<AuditHeadRow, 'chain' | 'sequence' | 'hash'> & {
	signed_at: Date;
	key_id: string;
	signature: Buffer;
};
