import * as z from 'zod';

/** The version of the form that backups have. */
export const backupFormat = 1;

const table = z.strictObject({
	rows: z.int().min(0),
	/** Of a partition: what belongs into it, as PostgreSQL writes it. */
	bounds: z.string().optional(),
});

/** The first part of a backup: what is in it, and what it must fit. */
export const manifestSchema = z.strictObject({
	format: z.int().min(1),
	latchkey: z.string(),
	/** As of when the data is. */
	taken_at: z.iso.datetime(),
	/** Of the run in `maintenance_runs`. */
	run_id: z.uuid(),
	/** Names of the migrations that were applied. */
	migrations: z.array(z.string()).min(1),
	postgres_major: z.int(),
	pg_dump_major: z.int(),
	/** Public ids of the master keys that the database needs. */
	master_keys: z.array(z.string().regex(/^[0-9a-f]{16}$/)),
	/** Public ids of the keys that sign access tokens and heads of the audit trail. */
	signing_keys: z.array(z.string()),
	secrets: z.boolean(),
	/** Every table that holds rows itself: partitions each by itself. */
	tables: z.record(z.string(), table),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** Names of the parts. The dump is in many, one after the other. */
export const part = {
	manifest: 'manifest.json',
	auditHeads: 'audit-heads',
	secrets: 'secrets/',
	dump: 'database.dump/',
	sums: 'SHA256SUMS',
} as const;
