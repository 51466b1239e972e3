import type {Knex} from 'knex';
import {keyFilters, type KeyFilter} from '../../contract/key-list.ts';
import type {KeyStatus} from '../../contract/key-status.ts';
import {wildcardsOver} from '../../contract/scopes.ts';
import {
	isRotationDue,
	noDays,
	readPolicyDays,
	shortOfLife,
	type PolicyDays,
} from '../key-policies/enforced.ts';
import {graceIsNotOver} from './grace.ts';

/* What lists of keys are narrowed by; `migrations/0034` and `0038` have the indexes. */

const inForce = `revoked_at is null and ${graceIsNotOver}`;
const notSuspended = `${inForce} and suspended_at is null`;
const begun = `${notSuspended} and (not_before is null or not_before <= now())`;

const isDue = isRotationDue('?::integer');

/** What says of `:at` whether the end of a key is before it, and after it. */
type Ends = {before: string; after: string; hasCome: string; isToCome: string};

/** @param days for how many an enforced policy has keys accepted; see `earlierEnd` */
function endsOf(days: number | null): Ends {
	if (days === null) {
		return {
			before: 'expires_at < :at',
			after: 'expires_at > :at',
			hasCome: 'expires_at <= now()',
			isToCome: '(expires_at is null or expires_at > now())',
		};
	}
	const life = `interval '${days * 24} hours'`;
	const isYoung = shortOfLife(String(days));
	return {
		before: `(expires_at < :at or created_at < :at - ${life})`,
		after: `((expires_at is null or expires_at > :at) and created_at > :at - ${life})`,
		hasCome: `(expires_at <= now() or not ${isYoung})`,
		isToCome: `((expires_at is null or expires_at > now()) and ${isYoung})`,
	};
}

/** As `statusOf` has it: the first that applies. */
function statusesBy({hasCome, isToCome}: Ends): Record<KeyStatus, string> {
	return {
		revoked: 'revoked_at is not null',
		rotated: 'revoked_at is null and grace_until <= now()',
		suspended: `${inForce} and suspended_at is not null`,
		scheduled: `${notSuspended} and not_before > now()`,
		expired: `${begun} and ${hasCome}`,
		rotating: `${begun} and ${isToCome} and grace_until > now()`,
		active: `${begun} and ${isToCome} and grace_until is null`,
	};
}

/** What a filter asks for, with the ids of who made the keys, see `findMakers`, in place of their name. */
export type KeysWanted = Omit<KeyFilter, 'created_by'> & {makers?: readonly string[]};

/** What is read before a list is narrowed. */
export type Known = {
	days: PolicyDays;
	/** What gives keys the role, and the scope, that the filter asks for; see `api_keys.scope_sources`. */
	role: readonly string[];
	scope: readonly string[];
};

/** Reads what a filter of keys of an organisation rests on, each part only where it is asked for. */
export async function readKnown(
	db: Knex,
	organisationId: string,
	{status, expires_before, expires_after, rotation_due: due, role, scope}: KeysWanted,
): Promise<Known> {
	const asksForDays = [status, expires_before, expires_after, due].some(
		(value) => value !== undefined,
	);
	const roles = () => db('key_roles').where({organisation_id: organisationId}).select('id');
	const named = role === undefined ? [] : await roles().where({name: role});
	const covering = scope === undefined ? [] : [scope, ...wildcardsOver(scope)];
	const roleSources =
		scope === undefined ? [] : await roles().whereRaw('scopes && ?::text[]', [covering]);
	return {
		days: asksForDays ? await readPolicyDays(db, organisationId) : noDays,
		role: named.map(sourceOf),
		scope: [unrestricted, ...covering, ...roleSources.map(sourceOf)],
	};
}

const unrestricted = '#';
const isMadeByOne = 'coalesce(created_by, created_by_service_account_id) = ?::uuid';
const isMadeByAny = 'coalesce(created_by, created_by_service_account_id) = any(?::uuid[])';

function sourceOf({id}: {id: string}): string {
	return `#${id}`;
}

/** Whether the keys that a filter leaves are in the order of one index, whatever else there is. */
export function isInOrderOfIndex({makers, ...filter}: KeysWanted): boolean {
	const [name, ...others] = namesIn(filter);
	if (others.length > 0) return false;
	if (makers !== undefined) return name === undefined && makers.length === 1;
	if (name === 'status') return filter.status === 'revoked' || filter.status === 'suspended';
	return name === undefined || name === 'owner';
}

/** Narrows a query for keys of an organisation, whose table is called `api_keys` in it. */
export function narrow(
	query: Knex.QueryBuilder,
	filter: KeysWanted,
	known: Known,
): Knex.QueryBuilder {
	const ends = endsOf(known.days.enforced_days);
	const statuses = statusesBy(ends);
	const {status, tag, owner, role, scope, q, makers, idle_days: days} = filter;
	if (status !== undefined) query.whereRaw(statuses[status]);
	if (tag !== undefined) query.whereRaw('tags @> array[?]', [tag]);
	if (owner !== undefined) query.whereRaw('owner = ?::jsonb', [JSON.stringify(owner)]);
	if (makers?.length === 1) query.whereRaw(isMadeByOne, [makers[0] ?? null]);
	else if (makers !== undefined) query.whereRaw(isMadeByAny, [makers as string[]]);
	const isGiven = 'scope_sources && ?::text[]';
	if (role !== undefined) query.whereRaw(isGiven, [known.role as string[]]);
	if (scope !== undefined) query.whereRaw(isGiven, [known.scope as string[]]);
	if (q !== undefined) {
		if (!characterOfIds.test(q)) {
			query.whereRaw('searchable_parts(name, id, hint) collate "C" @> parts_to_search(lower(?))', [
				q,
			]);
		}
		query.whereRaw(
			`(strpos(lower(name), lower(:q)) > 0 or strpos(id::text, lower(:q)) > 0
				or strpos(lower(hint), lower(:q)) > 0)`,
			{q},
		);
	}
	const {expires_before: before, expires_after: after} = filter;
	if (before) query.whereRaw(ends.before, {at: before});
	if (after) query.whereRaw(ends.after, {at: after});
	if (filter.rotation_due !== undefined) {
		query.whereRaw(isDue, [known.days.rotation_days]).whereRaw(ends.isToCome);
	}
	if (days !== undefined) {
		madeSoEarly(query, filter);
		query.whereRaw("(last_used_at is null or last_used_at < now() - ? * interval '1 day')", [days]);
	}
	return query;
}

/** Whoever has been idle for so long was made before: in the list of all keys the newest are passed over. */
export function madeSoEarly(
	query: Knex.QueryBuilder,
	{idle_days: days}: KeysWanted,
): Knex.QueryBuilder {
	if (days === undefined) return query;
	return query.whereRaw("created_at < now() - ? * interval '1 day'", [days]);
}

/** What most ids have; the index knows what two characters they have. */
const characterOfIds = /^[0-9a-f-]$/i;

/** What a list is narrowed to, as one text: cursors are bound to it. */
export function nameOfFilter(filter: KeyFilter): string {
	const asked = namesIn(filter);
	return asked.length === 0 ? '' : JSON.stringify(asked.map((name) => [name, filter[name]]));
}

function namesIn(filter: KeyFilter): (keyof KeyFilter)[] {
	const names = Object.keys(keyFilters) as (keyof KeyFilter)[];
	return names.filter((name) => filter[name] !== undefined);
}
