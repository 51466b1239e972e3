import type {Knex} from 'knex';
import type {auditOutcomes, AuditAction} from '../../contract/audit.ts';
import type {AuditSignedHeadRow} from '../db/audit-tables.ts';
import type {Entry, Head, SignedHead} from './chain.ts';

/** What narrows a list of entries; `since` itself belongs to it, `until` does not. */
export type AuditFilter = {
	actions?: readonly AuditAction[] | undefined;
	actorId?: string | undefined;
	targetId?: string | undefined;
	outcome?: (typeof auditOutcomes)[number] | undefined;
	since?: Date | undefined;
	until?: Date | undefined;
};

/** At most `limit` entries, from `before` back or from `after` on (both are left out themselves). */
export type AuditSlice = {limit: number} & ({before: number | undefined} | {after: number});

type EntryRow = {
	sequence: string;
	recorded_at: string;
	content: string;
	previous_hash: Buffer;
	hash: Buffer;
};

/** `recorded_at` in microseconds: exact, where a Date would cut. */
const entryColumns = `sequence, (extract(epoch from recorded_at) * 1000000)::bigint as recorded_at,
	content, previous_hash, hash`;

/** Newest first, or with `after` oldest first. */
export async function listEntries(
	db: Knex,
	chain: string,
	filter: AuditFilter,
	slice: AuditSlice,
): Promise<Entry[]> {
	const {actions, actorId, targetId, outcome} = filter;
	const order = 'after' in slice ? 'asc' : 'desc';
	const from = await sequenceAt(db, chain, filter.since);
	const to = await sequenceAt(db, chain, filter.until);
	const one = (action: AuditAction | undefined) => {
		const query = db('audit_entries').where({chain}).select(db.raw(entryColumns));
		query.orderBy('sequence', order).limit(slice.limit);
		if ('after' in slice) query.where('sequence', '>', slice.after);
		else if (slice.before !== undefined) query.where('sequence', '<', slice.before);
		if (from !== undefined) query.where('sequence', '>=', from);
		if (to !== undefined) query.where('sequence', '<', to);
		if (action !== undefined) query.where({action});
		if (actorId !== undefined) query.where({actor_id: actorId});
		if (targetId !== undefined) query.where({target_id: targetId});
		if (outcome !== undefined) query.where({outcome});
		return query;
	};
	if (actions === undefined || actions.length === 1) {
		const rows: unknown = await one(actions?.[0]);
		return (rows as EntryRow[]).map(entryOf);
	}
	// One page of each action from its index, instead of a search through all of them.
	const pages = db.unionAll(actions.map(one), true).as('pages');
	const rows: unknown = await db.from(pages).orderBy('sequence', order).limit(slice.limit);
	return (rows as EntryRow[]).map(entryOf);
}

/** The next entries of a chain, oldest first. */
export async function readEntries(
	db: Knex,
	chain: string,
	after: number,
	limit: number,
	before?: number,
): Promise<Entry[]> {
	const query = db('audit_entries').where({chain}).where('sequence', '>', after);
	if (before !== undefined) query.where('sequence', '<', before);
	const rows: unknown = await query.orderBy('sequence').limit(limit).select(db.raw(entryColumns));
	return (rows as EntryRow[]).map(entryOf);
}

/**
 * The first place in a chain that is not before a time, found by halving: times never go back.
 *
 * @returns undefined without a time
 */
export async function sequenceAt(
	db: Knex,
	chain: string,
	time: Date | undefined,
): Promise<number | undefined> {
	if (time === undefined) return undefined;
	const {rows} = await db.raw<{rows: {sequence: string}[]}>(
		`with recursive halves (low, high) as (
			select 1::bigint, coalesce(max(sequence), 0) + 1 from audit_entries where chain = :chain
			union all
			select
				case when middle.recorded_at < :time then middle.sequence + 1 else low end,
				case when middle.recorded_at < :time then high else (low + high) / 2 end
			from halves, lateral (
				select sequence, recorded_at from audit_entries
				where chain = :chain and sequence >= (low + high) / 2
				order by sequence limit 1
			) as middle
			where low < high
		)
		select max(low) as sequence from halves`,
		{chain, time},
	);
	return Number(rows[0]?.sequence);
}

/** The last entry of a chain, as the database remembers it. */
export async function findHead(db: Knex, chain: string): Promise<Head | undefined> {
	const row = await db('audit_heads').where({chain}).first('sequence', 'hash');
	return row && {chain, sequence: Number(row.sequence), hash: row.hash};
}

/** Signed heads of a chain, the last one first; with `before` those that come after it in this order. */
export async function listSignedHeads(
	db: Knex,
	chain: string,
	limit: number,
	before: SignedHead | undefined,
): Promise<SignedHead[]> {
	const query = db('audit_signed_heads').where({chain}).limit(limit);
	if (before !== undefined) {
		query.whereRaw('(sequence, signature) < (?::bigint, ?)', [before.sequence, before.signature]);
	}
	query.orderBy([
		{column: 'sequence', order: 'desc'},
		{column: 'signature', order: 'desc'},
	]);
	const rows = (await query.select(...signedColumns)) as SignedRow[];
	return rows.map((row) => signedHeadOf(chain, row));
}

/** Heads that were signed of entries after one and through another, in order. */
export async function readSignedHeads(
	db: Knex,
	chain: string,
	after: number,
	through: number,
): Promise<SignedHead[]> {
	const query = db('audit_signed_heads').where({chain}).orderBy('sequence');
	query.where('sequence', '>', after).where('sequence', '<=', through);
	const rows = (await query.select(...signedColumns)) as SignedRow[];
	return rows.map((row) => signedHeadOf(chain, row));
}

const signedColumns = ['sequence', 'hash', 'key_id', 'signature'] as const;
type SignedRow = Pick<AuditSignedHeadRow, (typeof signedColumns)[number]>;

function signedHeadOf(chain: string, row: SignedRow): SignedHead {
	const {sequence, hash, key_id: keyId, signature} = row;
	return {chain, sequence: Number(sequence), hash, keyId, signature};
}

/** Another worker may have signed the same head: it is kept once. @returns whether it is new */
export async function insertSignedHead(db: Knex, head: SignedHead): Promise<boolean> {
	const {chain, sequence, hash, keyId, signature} = head;
	const answer = await db.raw<{rowCount: number}>(
		`insert into audit_signed_heads (chain, sequence, hash, key_id, signature)
		values (?, ?, ?, ?, ?) on conflict do nothing`,
		[chain, sequence, hash, keyId, signature],
	);
	return answer.rowCount === 1;
}

/**
 * The chain that comes next by its id: of an organisation, or whatever else has left an entry or a
 * head behind.
 */
export async function findNextChain(db: Knex, after: string): Promise<string | undefined> {
	const {rows} = await db.raw<{rows: {chain: string}[]}>(
		`select chain from (
			(select chain from audit_heads where chain > :after order by chain limit 1)
			union (select chain from audit_signed_heads where chain > :after order by chain limit 1)
			union (select chain from audit_entries where chain > :after order by chain limit 1)
			union (select id from organisations where id > :after order by id limit 1)
		) as next order by chain limit 1`,
		{after},
	);
	return rows[0]?.chain;
}

/** Chains by their ids, each with the signed head of its end, where there is one and no other beside it. */
export async function listEnds(
	db: Knex,
	after: string | undefined,
	limit: number,
): Promise<{chain: string; signed: SignedHead | undefined}[]> {
	const {rows} = await db.raw<{rows: ({chain: string} & Partial<SignedRow>)[]}>(
		`select h.chain, signed.* from audit_heads h
		left join lateral (
			select sequence, hash, key_id, signature, count(*) over () as heads from audit_signed_heads s
			where s.chain = h.chain and s.sequence = h.sequence limit 1
		) as signed on signed.heads = 1 and signed.hash = h.hash
		where cast(:after as uuid) is null or h.chain > :after
		order by h.chain limit :limit`,
		{after: after ?? null, limit},
	);
	return rows.map(({chain, ...row}) => ({
		chain,
		signed: row.signature ? signedHeadOf(chain, row as SignedRow) : undefined,
	}));
}

export type AuditFigures = {
	entries: number;
	unsignedSeconds: number;
	headAgeSeconds: number | undefined;
};

/** How much there is, how old the oldest entry that no signed head covers, and the newest head. */
export async function auditFigures(db: Knex): Promise<AuditFigures> {
	const {rows} = await db.raw<{
		rows: {entries: string; unsigned_seconds: string | null; head_seconds: string | null}[];
	}>(
		`select coalesce(sum(h.sequence), 0) as entries,
			extract(epoch from now() - min(waiting.recorded_at)) as unsigned_seconds,
			(select extract(epoch from now() - max(signed_at)) from audit_signed_heads) as head_seconds
		from audit_heads h
		left join lateral (
			select sequence from audit_signed_heads s
			where s.chain = h.chain order by sequence desc limit 1
		) as signed on true
		left join lateral (
			select recorded_at from audit_entries e
			where e.chain = h.chain and e.sequence > coalesce(signed.sequence, 0)
			order by e.sequence limit 1
		) as waiting on h.sequence > coalesce(signed.sequence, 0)`,
	);
	const [row] = rows;
	return {
		entries: Number(row?.entries),
		unsignedSeconds: Math.max(0, Number(row?.unsigned_seconds)),
		headAgeSeconds: row?.head_seconds ? Math.max(0, Number(row.head_seconds)) : undefined,
	};
}

function entryOf(row: EntryRow): Entry {
	return {
		sequence: Number(row.sequence),
		recordedAt: Number(row.recorded_at),
		content: row.content,
		previousHash: row.previous_hash,
		hash: row.hash,
	};
}
