import type {EventData} from '../../contract/events.ts';
import {statusOf, type KeyStatus} from '../../contract/key-status.ts';
import {
	noneOf,
	termNames,
	termsIn,
	type RequestedTerms,
	type ShownTerms,
	type TermName,
	type TermsOfKind,
} from '../../contract/key-terms.ts';
import type {
	ChangedMember,
	CreatedKeyWithTerms,
	FullKey,
	Key,
	KeyDetail,
} from '../../contract/keys.ts';
import {writeLimit, writeQuota} from '../../contract/limits-in-words.ts';
import {
	orderedLimit,
	orderedQuota,
	type Quota,
	type RateLimit,
} from '../../contract/rate-limits.ts';
import type {PreviousKey, RotatedKey} from '../../contract/rotation.ts';
import {toTimestamp} from '../../contract/text.ts';
import {earlierEnd, rotationDueAt, type PolicyDays} from '../key-policies/enforced.ts';
import type {ApiKeyRow} from '../db/tables.ts';
import type {QuotaUsed} from '../limits/quota-used.ts';

/** From rows to keys as they are shown, by the API and in events alike. */

export const listed = [
	'id',
	'name',
	'hint',
	'created_at',
	'expires_at',
	'last_used_at',
	'first_used_at',
	'revoked_at',
	'terms',
	'suspended_at',
	'version',
	'not_before',
	'revocation_reason',
	'lineage_id',
	'replaces_id',
	'replaced_by_id',
	'grace_until',
	'description',
	'owner',
	'tags',
	'delete_protected',
] as const satisfies readonly (keyof ApiKeyRow)[];

/** With the names of its roles, see `roleNamesOf`. */
export type ListedKey = Pick<ApiKeyRow, (typeof listed)[number]> & {roles: string[]};

/** As lists and the single key read it. */
export type ReadKey = ListedKey & PolicyDays;

/** Who made it. */
export type MadeBy = Pick<
	ApiKeyRow,
	'created_by_service_account' | 'created_by_service_account_id'
> & {
	/** Email of the person. */
	created_by: string | null;
	created_by_id: string | null;
};

/** With what is too long for lists. */
export const whole = [...listed, 'metadata'] as const satisfies readonly (keyof ApiKeyRow)[];

export type WholeKey = ListedKey & Pick<ApiKeyRow, (typeof whole)[number]>;

export type DetailedKey = WholeKey &
	ReadKey &
	MadeBy &
	Pick<
		ApiKeyRow,
		| 'revoked_by_service_account'
		| 'revoked_by_service_account_id'
		| 'suspended_reason'
		| 'revocation_note'
		| 'changed_at'
		| 'rotation_ended_at'
		| 'last_used_agent'
		| 'last_used_address_at'
	> & {
		last_used_ip: string | null;
		revoked_by: string | null;
		revoked_by_id: string | null;
		/** What is used of its quota; null: it has none. */
		quota_use: QuotaUsed | null;
	};

const [inFull, atEnd, ofOne] = [termsIn('full'), termsIn('end'), termsIn('one')];
const [inEvents, atEndOfEvents] = [termsIn('event'), termsIn('event_end')];

export type TermApart = Exclude<TermName, TermsOfKind<'terms'>>;
type RowOf<N extends TermName> = 'metadata' extends N ? WholeKey : ListedKey;

/** The terms that are not kept in `api_keys.terms`. */
const apart: {[N in TermApart]: (row: RowOf<N>) => ShownTerms[N]} = {
	expires_at: (row) => instant(row.expires_at),
	not_before: (row) => instant(row.not_before),
	description: (row) => row.description,
	roles: (row) => row.roles,
	owner: ({owner}) => owner && {type: owner.type, id: owner.id},
	tags: (row) => row.tags,
	delete_protected: (row) => row.delete_protected,
	metadata: (row) => row.metadata,
};

export const termsApart = Object.keys(apart) as TermApart[];

export function presentTerms<N extends TermName>(
	row: RowOf<N>,
	names: readonly N[],
): ShownTerms<N> {
	const all: Partial<ShownTerms> = row.terms;
	return Object.fromEntries(
		names.map((name) => [
			name,
			// Who asks for metadata has given a row with it.
			isApart(name) ? apart[name](row as WholeKey) : (ordered(name, all) ?? noneOf(name)),
		]),
	) as ShownTerms<N>;
}

function ordered(name: TermName, terms: Partial<ShownTerms>): unknown {
	if (name === 'rate_limits') return terms.rate_limits?.map(orderedLimit);
	if (name === 'quota') return orderedQuota(terms.quota ?? null);
	return terms[name];
}

function isApart(name: TermName): name is TermApart {
	return Object.hasOwn(apart, name);
}

/** What a key carries as an entry of the audit trail tells it: in words. */
export function tellTerms(row: WholeKey): Record<string, string> {
	const told = Object.entries(presentTerms<TermName>(row, termNames)).map(
		([name, value]) => [name, tellMember(name as TermName, value)] as const,
	);
	return Object.fromEntries(told.filter((each): each is [TermName, string] => each[1] !== null));
}

/** A member of a key in words; null: it carries nothing of it. */
export function tellMember(name: ChangedMember, value: unknown): string | null {
	if (name !== 'name' && JSON.stringify(value) === JSON.stringify(noneOf(name))) return null;
	if (name === 'owner') {
		const {type, id} = value as NonNullable<ShownTerms['owner']>;
		return `${type}/${id}`;
	}
	if (name === 'rate_limits') return tellLimits(value as ShownTerms['rate_limits']);
	if (name === 'quota') return tellQuota(value as ShownTerms['quota']);
	return tellValue(value);
}

export function tellLimits(limits: readonly RateLimit[]): string {
	return limits.map(writeLimit).join(', ') || 'none';
}

export function tellQuota(quota: Quota | null): string | null {
	return quota && writeQuota(quota);
}

/** A value in words. */
export function tellValue(value: unknown): string {
	if (Array.isArray(value) && value.every((each) => typeof each === 'string'))
		return value.join(', ') || 'none';
	return typeof value === 'string' ? value : JSON.stringify(value);
}

function instant(value: Date | null): string | null {
	return value && toTimestamp(value);
}

/** The id of the first key of the chain that rotations made. */
export function lineageOf({id, lineage_id}: Pick<ListedKey, 'id' | 'lineage_id'>): string {
	return lineage_id ?? id;
}

/**
 * A key as the documented list has it: one whose grace is over is dead, for those who know nothing of
 * rotation.
 *
 * @param now as of `presentFullKey`
 */
export function presentListedKey(row: ListedKey, now: number): Key {
	const isOver = row.grace_until !== null && row.grace_until.getTime() <= now;
	return presentKey(isOver ? {...row, revoked_at: row.revoked_at ?? row.grace_until} : row);
}

function presentKey(row: ListedKey): Key {
	return {
		id: row.id,
		name: row.name,
		created_at: toTimestamp(row.created_at),
		last_used_at: instant(row.last_used_at),
		revoked_at: instant(row.revoked_at),
	};
}

function presentDetails(row: ListedKey) {
	return {...presentKey(row), hint: row.hint, ...presentTerms(row, inFull)};
}

function statusOfRow(row: ListedKey, now: number): KeyStatus {
	const {revoked_at, suspended_at, not_before, expires_at, grace_until} = row;
	const ends = {
		revoked_at: instant(revoked_at),
		suspended_at: instant(suspended_at),
		not_before: instant(not_before),
		expires_at: instant(expires_at),
		grace_until: instant(grace_until),
	};
	return statusOf(ends, now);
}

/** Behind what was published before. */
function presentEnd(row: ListedKey, now: number) {
	return {
		status: statusOfRow(row, now),
		...presentTerms(row, atEnd),
		suspended_at: instant(row.suspended_at),
		lineage_id: lineageOf(row),
		replaces_id: row.replaces_id,
		replaced_by_id: row.replaced_by_id,
		grace_until: instant(row.grace_until),
		revocation_reason: row.revocation_reason,
		first_used_at: instant(row.first_used_at),
		version: row.version,
	};
}

/** At the end of what was published before. @param row as it is accepted */
function presentRotation(row: ReadKey) {
	return {rotation_due_at: instant(rotationDueAt(row))};
}

/** A key until when it is really accepted, which a policy may have end before it says itself. */
export function asAccepted<Row extends ReadKey>(row: Row): Row {
	return {...row, expires_at: earlierEnd(row, row.enforced_days)};
}

/** @param now by the clock that all servers share: it decides the status */
export function presentFullKey(read: ReadKey & MadeBy, now: number): FullKey {
	return {...presentUnattributedKey(read, now), creator: creatorOf(read)};
}

/** The same without who made it. */
export function presentUnattributedKey(read: ReadKey, now: number): Omit<FullKey, 'creator'> {
	const row = asAccepted(read);
	return {...presentDetails(row), ...presentEnd(row, now), ...presentRotation(row)};
}

/** @param now as of `presentFullKey` */
export function presentKeyDetail(read: DetailedKey, now: number): KeyDetail {
	const row = asAccepted(read);
	return {
		...presentDetails(row),
		created_by: row.created_by ?? row.created_by_service_account,
		last_used_address: row.last_used_ip,
		revoked_by: row.revoked_by ?? row.revoked_by_service_account,
		...presentEnd(row, now),
		creator: creatorOf(row),
		revoker:
			maker('user', row.revoked_by_id, row.revoked_by) ??
			maker('service_account', row.revoked_by_service_account_id, row.revoked_by_service_account),
		suspended_reason: row.suspended_reason,
		revocation_note: row.revocation_note,
		...presentTerms(row, ofOne),
		quota_used: row.quota_use && row.quota_use.used,
		quota_resets_at: row.quota_use && row.quota_use.resetsAt,
		...presentRotation(row),
		last_used_agent: row.last_used_agent,
		last_used_address_at: instant(row.last_used_address_at),
	};
}

function creatorOf(row: MadeBy): Maker | null {
	return (
		maker('user', row.created_by_id, row.created_by) ??
		maker('service_account', row.created_by_service_account_id, row.created_by_service_account)
	);
}

type Maker = NonNullable<KeyDetail['creator']>;

function maker(type: Maker['type'], id: string | null, name: string | null): Maker | null {
	return name === null ? null : {type, id, name};
}

/** The documented members, then the terms that the request named. */
export function presentCreatedKey(
	row: WholeKey,
	key: string,
	requested: RequestedTerms,
): CreatedKeyWithTerms {
	const named = termNames.filter((name) => requested[name] !== undefined);
	return {
		id: row.id,
		name: row.name,
		key,
		created_at: toTimestamp(row.created_at),
		last_used_at: null,
		revoked_at: null,
		...presentTerms(row, named),
	};
}

/** The new key with the key itself, and what becomes of the one that it replaces. */
export function presentRotatedKey(
	{row, previous}: {row: DetailedKey; previous: PreviousKey},
	key: string,
	now: number,
): RotatedKey {
	const {id, name, ...others} = presentKeyDetail(row, now);
	return {id, name, key, ...others, previous};
}

/** @param at the time of the event, by the clock of PostgreSQL: it decides the status */
export function presentForEvent(row: ListedKey, at: Date): EventData['key.created']['key'] {
	return {
		id: row.id,
		name: row.name,
		hint: row.hint,
		created_at: toTimestamp(row.created_at),
		...presentTerms(row, inEvents),
		last_used_at: instant(row.last_used_at),
		revoked_at: instant(row.revoked_at),
		status: statusOfRow(row, at.getTime()),
		...presentTerms(row, atEndOfEvents),
		suspended_at: instant(row.suspended_at),
		lineage_id: lineageOf(row),
	};
}
