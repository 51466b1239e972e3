import type {Knex} from 'knex';
import {policyDaysIn} from '../key-policies/enforced.ts';
import {listed, type ReadKey} from '../keys/present.ts';
import {roleNamesOf} from '../keys/roles/members.ts';
import {addressesLately, isSettled, neededLately} from './judged.ts';

/* What is told of keys of which something was found. */

export type RoleOfKey = {
	name: string;
	scopes: string[];
	/** It is as it was for long enough to say what of it is not needed. */
	is_settled: boolean;
};

export type HygieneRow = ReadKey & {
	/** Scopes that its uses needed lately. */
	needed: string[];
	roles_in_full: RoleOfKey[];
	/** From which it was used lately. */
	addresses: string[];
	creator_email: string | null;
	/** Of the person who made it, or the service account. */
	creator_disabled: boolean;
	creator_account: string | null;
	creator_account_exists: boolean;
};

const needed = `array(select n.scope from ${neededLately} order by n.scope collate "C")::text[] as needed`;
const addresses = `array(
	select distinct c.address from ${addressesLately} order by c.address
)::text[] as addresses`;
const rolesInFull = `coalesce((
	select jsonb_agg(jsonb_build_object('name', r.name, 'scopes', r.scopes, 'is_settled', ${isSettled})
		order by r.name collate "C")
	from key_role_members m join key_roles r on r.id = m.role_id where m.key_id = k.id
), '[]') as roles_in_full`;
const creator = `u.email as creator_email, k.created_by_service_account as creator_account,
	coalesce(u.disabled_at, s.disabled_at) is not null as creator_disabled,
	s.id is not null as creator_account_exists`;

/** Those that still live, in no order. */
export async function readHygieneRows(
	db: Knex,
	organisationId: string,
	ids: readonly string[],
): Promise<HygieneRow[]> {
	if (ids.length === 0) return [];
	return (await db('api_keys as k')
		.leftJoin('users as u', 'u.id', 'k.created_by')
		.leftJoin('service_accounts as s', 's.id', 'k.created_by_service_account_id')
		.whereIn('k.id', ids)
		.whereNull('k.revoked_at')
		.select(
			...listed.map((column) => `k.${column}`),
			roleNamesOf(db, 'k'),
			policyDaysIn(db, organisationId),
			db.raw(needed),
			db.raw(addresses),
			db.raw(rolesInFull),
			db.raw(creator),
		)) as unknown as HygieneRow[];
}
