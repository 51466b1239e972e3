/* What a server of an earlier version does not send yet is shown as what it then is: nothing. */
import type * as z from 'zod';
import {statusOf} from '../../contract/key-status.ts';
import {nothingIn} from '../../contract/key-terms.ts';
import {asMade, fullKey, fullUsageBucket, keyDetail} from '../../contract/keys.ts';
import {countedOutcomes} from '../../contract/outcomes.ts';

type Row = Readonly<Record<string, unknown>>;
type Completion = {
	/** What stands for each member that is not there. */
	readonly unsent: Row;
	/** What is made of those that are. */
	readonly made?: (row: Row) => Row;
};

/** All that a key has beside what was published first. */
const key = {
	unsent: {hint: '', ...asMade, lineage_id: '', ...nothingIn('full'), ...nothingIn('end')},
	made: (row: Row) => ({
		lineage_id: row['lineage_id'] || row['id'],
		status: statusOf(row as Parameters<typeof statusOf>[0], Date.now()),
	}),
};

const completions = new Map<z.ZodType, Completion>([
	[fullKey, key],
	[
		keyDetail,
		{
			unsent: {
				...key.unsent,
				...nothingIn('one'),
				creator: null,
				revoker: null,
				suspended_reason: null,
				revocation_note: null,
				quota_used: null,
				quota_resets_at: null,
				last_used_agent: null,
				last_used_address_at: null,
			},
			made: (row) => ({
				...key.made(row),
				creator: row['creator'] ?? person(row['created_by']),
				revoker: row['revoker'] ?? person(row['revoked_by']),
			}),
		},
	],
	[fullUsageBucket, {unsent: Object.fromEntries(countedOutcomes.map((outcome) => [outcome, 0]))}],
]);

/** Says what stands for what is not there of a schema that is read only where it is used. */
export function completes(schema: z.ZodType, unsent: Row): void {
	completions.set(schema, {unsent});
}

function person(email: unknown): Row | null {
	return typeof email === 'string' ? {type: 'user', id: null, name: email} : null;
}

/**
 * What makes an answer of a schema whole that came from an older server; undefined for schemas that have
 * not grown. What is whole is left as it is, at next to no cost: lists are long.
 */
export function completionOf(schema: z.ZodType): ((value: unknown) => unknown) | undefined {
	const completion = completions.get(schema);
	if (completion === undefined) return undefined;
	const {unsent, made = () => ({})} = completion;
	const names = Object.keys(unsent);
	return (value) => {
		if (typeof value !== 'object' || value === null) return value;
		if (names.every((name) => name in value)) return value;
		const row = {...unsent, ...value};
		return {...row, ...made(row)};
	};
}
