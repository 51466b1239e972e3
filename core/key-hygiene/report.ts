import type {Knex} from 'knex';
import {
	keyFindingNames,
	type HygieneBounds,
	type KeyFinding,
	type KeyHygieneCounts,
	type KeyToMend,
} from '../../contract/key-hygiene.ts';
import type {KeyPolicy} from '../../contract/key-policies.ts';
import type {Slice} from '../db/position.ts';
import {readKeyPolicies} from '../key-policies/store.ts';
import {judgeInBatches} from '../keys/judged-batches.ts';
import {presentUnattributedKey} from '../keys/present.ts';
import {tellFindings} from './findings.ts';
import {judgeHygiene, type HygieneQuestion, type JudgedKey} from './judged.ts';
import {readHygieneRows} from './read.ts';

/** What is asked of an organisation, and by which policy. */
export type AskedHygiene = HygieneQuestion & {policy: KeyPolicy};

export async function askForHygiene(
	db: Knex,
	organisationId: string,
	bounds: HygieneBounds,
): Promise<AskedHygiene> {
	const {effective: policy} = await readKeyPolicies(db, organisationId);
	const isEnforced = policy.applies_to_existing === 'enforce';
	return {
		organisationId,
		bounds,
		policy,
		lifeDays: isEnforced ? policy.max_lifetime_days : null,
		watchedSince: await readWatchedSince(db),
	};
}

/** Since what keys need has a place to be kept. */
async function readWatchedSince(db: Knex): Promise<Date> {
	const {rows} = await db.raw<{rows: {migration_time: Date}[]}>(
		"select migration_time from knex_migrations where name = '0043_usage'",
	);
	const [row] = rows;
	if (row === undefined) throw new Error('the migration of usage was not run');
	return row.migration_time;
}

/**
 * The keys of a slice of which something is found, oldest first, and how many there are in all, where the
 * slice is the first one.
 *
 * @param finding only keys of which this is found; all that is found of them is told
 */
export async function findHygiene(
	db: Knex,
	asked: AskedHygiene,
	slice: Slice,
	finding: KeyFinding | undefined,
): Promise<{counts: KeyHygieneCounts | null; found: JudgedKey<Date>[]}> {
	const parts = await judgeInBatches(slice, (batch) => judgeHygiene(db, asked, batch, finding));
	const found = parts
		.flatMap((part) => part.found)
		.map((key) => ({...key, created_at: new Date(key.created_at)}));
	if (slice.position !== undefined) return {counts: null, found};
	const sum = (name: 'keys' | 'affected' | KeyFinding) =>
		parts.reduce((all, part) => all + part[name], 0);
	const findings = Object.fromEntries(
		keyFindingNames.map((name) => [name, sum(name)]),
	) as KeyHygieneCounts['findings'];
	return {counts: {keys: sum('keys'), affected: sum('affected'), findings}, found};
}

/**
 * What is told of keys that were found, but of those that were revoked since.
 *
 * @param now by the clock that all servers share
 */
export async function presentKeysToMend(
	db: Knex,
	{organisationId, policy}: AskedHygiene,
	found: readonly JudgedKey<Date>[],
	now: number,
): Promise<KeyToMend[]> {
	const ids = found.map(({id}) => id);
	const rows = await readHygieneRows(db, organisationId, ids);
	const byId = new Map(rows.map((row) => [row.id, row]));
	return found.flatMap(({id, findings}) => {
		const row = byId.get(id);
		if (row === undefined) return [];
		const full = presentUnattributedKey(row, now);
		return {
			id,
			name: full.name,
			hint: full.hint,
			owner: full.owner,
			created_at: full.created_at,
			last_used_at: full.last_used_at,
			expires_at: full.expires_at,
			status: full.status,
			version: full.version,
			findings: tellFindings(row, findings, {policy, now}),
		};
	});
}
