import type {Knex} from 'knex';
import {keyFilters, type KeyFilter} from '../../contract/key-list.ts';
import type {KeyStatus} from '../../contract/key-status.ts';
import {wildcardsOver} from '../../contract/scopes.ts';
import {shortOfLife} from '../key-policies/enforced.ts';
import {graceIsNotOver} from './grace.ts';

/*
Lists of keys that are narrowed (migrations/0034 has their indexes). A part of a name, idleness and scopes
are looked for among the keys of the organisation, newest first, in the order of its index: a page is found
as soon as it is full, and where nothing matches all of them are read.
*/

const inForce = `revoked_at is null and ${graceIsNotOver}`;
const notSuspended = `${inForce} and suspended_at is null`;
const begun = `${notSuspended} and (not_before is null or not_before <= now())`;

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

/** Whether a policy may have a part in what a filter asks for. */
export function asksForEnd({status, expires_before, expires_after}: KeyFilter): boolean {
	return [status, expires_before, expires_after].some((value) => value !== undefined);
}

/** Narrows a query for keys of an organisation, whose table is called `api_keys` in it. */
export function narrow(
	query: Knex.QueryBuilder,
	{organisationId, days: enforced}: {organisationId: string; days: number | null},
	filter: KeyFilter,
): Knex.QueryBuilder {
	const ends = endsOf(enforced);
	const statuses = statusesBy(ends);
	const {status, tag, owner, role, scope, q, created_by: maker, idle_days: days} = filter;
	if (status !== undefined) query.whereRaw(statuses[status]);
	if (tag !== undefined) query.whereRaw('tags @> array[?]', [tag]);
	if (owner !== undefined) query.whereRaw('owner = ?::jsonb', [JSON.stringify(owner)]);
	if (maker !== undefined) {
		query.whereRaw('coalesce(created_by, created_by_service_account_id) = ?::uuid', [maker]);
	}
	if (role !== undefined) {
		query.whereRaw(
			`exists (select from key_role_members m join key_roles r on r.id = m.role_id
				where m.key_id = api_keys.id and r.organisation_id = ? and r.name = ?)`,
			[organisationId, role],
		);
	}
	if (scope !== undefined) covers(query, organisationId, scope);
	if (q !== undefined) {
		const part = q.toLowerCase();
		query.whereRaw(
			'(strpos(lower(name), ?) > 0 or strpos(id::text, ?) > 0 or strpos(lower(hint), ?) > 0)',
			[part, part, part],
		);
	}
	const {expires_before: before, expires_after: after} = filter;
	if (before) query.whereRaw(ends.before, {at: before});
	if (after) query.whereRaw(ends.after, {at: after});
	if (days !== undefined) {
		// The first of the two has an index, and whoever was used has been made before.
		query.whereRaw(
			"created_at < now() - ? * interval '1 day' and (last_used_at is null or last_used_at < now() - ? * interval '1 day')",
			[days, days],
		);
	}
	return query;
}

/** Keys that neither scopes nor roles restrict, and those that one of either covers a scope for. */
function covers(query: Knex.QueryBuilder, organisationId: string, scope: string): void {
	const covering = [scope, ...wildcardsOver(scope)];
	query.whereRaw(
		`case when exists (select from key_role_members m where m.key_id = api_keys.id)
			then coalesce(terms -> 'scopes' \\?| ?::text[], false) or exists (
				select from key_role_members m join key_roles r on r.id = m.role_id
				where m.key_id = api_keys.id and r.organisation_id = ? and r.scopes && ?::text[]
			)
			else coalesce(terms -> 'scopes' \\?| ?::text[], true) end`,
		[covering, organisationId, covering, covering],
	);
}

/** What a list is narrowed to, as one text: cursors are bound to it. */
export function nameOfFilter(filter: KeyFilter): string {
	const names = Object.keys(keyFilters) as (keyof KeyFilter)[];
	const asked = names.filter((name) => filter[name] !== undefined);
	return asked.length === 0 ? '' : JSON.stringify(asked.map((name) => [name, filter[name]]));
}
