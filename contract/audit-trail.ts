import * as z from 'zod';
import {auditActions, auditOutcomes, type AuditAction} from './audit.ts';
import {pageQuery} from './paging.ts';
import {instant} from './text.ts';

/** A trail has no end, so that a list of it is never whole. */
export const defaultAuditPage = 100;

const actionError = 'action must name kinds of entries, such as key.created';

/** `action=key.created&action=key.revoked`, or both in one, with a comma between them. */
const actions = z
	.union([z.string(), z.array(z.string())], {error: actionError})
	.transform((given) => [...new Set([given].flat().flatMap((text) => text.split(',')))])
	.refine((names) => names.every((name) => Object.hasOwn(auditActions, name)), {
		error: actionError,
	})
	.transform((names) => names as AuditAction[]);

const id = (field: string) =>
	z
		.string({error: `${field} must be an id`})
		.regex(/^[\w.:-]{1,255}$/, {error: `${field} must be an id`});

const after = z
	.string({error: 'after must be the sequence of an entry'})
	.regex(/^\d{1,15}$/, {error: 'after must be the sequence of an entry'})
	.transform(Number);

export const auditQuery = pageQuery
	.extend({
		/** Oldest first from the entry that follows: for asking again and again what is new. */
		after: after.optional(),
		action: actions.optional(),
		actor: id('actor').optional(),
		target: id('target').optional(),
		outcome: z.enum(auditOutcomes, {error: 'outcome must be success or refused'}).optional(),
		since: instant('since').optional(),
		until: instant('until').optional(),
	})
	.refine(({after, cursor}) => after === undefined || cursor === undefined, {
		error: 'after and cursor exclude each other',
		path: ['after'],
	});

export const auditExportQuery = z.strictObject({
	after: after.optional(),
	since: instant('since').optional(),
	until: instant('until').optional(),
});

/** `recorded_at` is to the microsecond, as it is hashed. */
export const auditEntry = z.strictObject({
	sequence: z.int(),
	recorded_at: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
	action: z.string(),
	outcome: z.string(),
	actor: z.looseObject({type: z.string()}),
	target: z.looseObject({type: z.string()}),
	address: z.string().nullable(),
	request_id: z.string().nullable(),
	details: z.record(z.string(), z.unknown()).nullable(),
	hash: z.string(),
});

/** Lines of JSON: what is exported, the entries, the signed end. */
export const auditExport = z.custom<AsyncIterable<unknown>>();

export type AuditEntry = z.infer<typeof auditEntry>;
export type AuditExportQuery = z.infer<typeof auditExportQuery>;
