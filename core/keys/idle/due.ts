import type {Knex} from 'knex';
import {noticeDays} from '../../../contract/key-policies.ts';
import {
	enforcedDays,
	idleDays,
	idleSince,
	policyJoins,
	shortOfLife,
} from '../../key-policies/enforced.ts';
import {graceIsNotOver} from '../grace.ts';

/*
Which keys a policy suspends for want of use: it is told first, then they are. Keys of organisations off the
Team plan are left alone, as nobody can use them; and such that are being replaced, as nobody should.
*/

/** For how long a key may be without use, by organisation. */
const organisations = `select o.id as organisation, ${idleDays} * interval '24 hours' as span, ${idleDays} as days,
		${enforcedDays} as life
	from organisations o ${policyJoins}
	where o.plan = 'team' and ${idleDays} is not null`;

const ofIdleKeys = `from asked a
	join api_keys k on k.organisation_id = a.organisation
	left join key_idle_notices n on n.key_id = k.id and n.idle_since = ${idleSince}
	where k.revoked_at is null and k.suspended_at is null and k.replaced_by_id is null and ${graceIsNotOver}
		and (k.expires_at is null or k.expires_at > now()) and (a.life is null or ${shortOfLife('a.life')})`;

/** What was told holds still: no policy gives more time by now. */
const isTold = `(n.suspends_at >= ${idleSince} + a.span) is true`;

/** By what is known of uses until `:until`. */
const isToBeTold = `${idleSince} + a.span <= :until::timestamptz + interval '${noticeDays} days' and not ${isTold}`;
const isToBeSuspended = `n.suspends_at <= :until and ${isTold}`;

const whetherAny = `with asked as materialized (${organisations})
	select exists (select ${ofIdleKeys} and ${isToBeTold}) as notices,
		exists (select ${ofIdleKeys} and ${isToBeSuspended}) as suspensions`;

const noticesDue = `with asked as materialized (${organisations})
	select k.id, a.days, ${idleSince} as since, greatest(${idleSince} + a.span, now() + interval '${noticeDays} days') as suspends_at
	${ofIdleKeys} and ${isToBeTold}
	limit :most for update of k skip locked`;

const suspensionsDue = `with asked as materialized (${organisations})
	select k.id, k.organisation_id, a.days
	${ofIdleKeys} and ${isToBeSuspended}
	order by k.organisation_id limit :most for update of k skip locked`;

/** @returns whether it looks as if it were to be told of a key, and as if one were to be suspended, by now */
export async function isAnyIdle(db: Knex): Promise<{notices: boolean; suspensions: boolean}> {
	const {rows} = await db.raw<{rows: [{notices: boolean; suspensions: boolean}]}>(whetherAny, {
		until: db.fn.now(),
	});
	return rows[0];
}

/** @param until all uses until then are in PostgreSQL */
export type IdlePass = {until: Date; most: number};

/** Writes down that it is told of some keys, which are held, that they will be suspended. */
export async function takeNotices(
	transaction: Knex.Transaction,
	pass: IdlePass,
): Promise<{id: string; days: number; suspends_at: Date}[]> {
	const {rows} = await transaction.raw<{rows: {id: string; days: number; suspends_at: Date}[]}>(
		written,
		pass,
	);
	return rows;
}

const written = `with due as (${noticesDue}),
	noted as (
		insert into key_idle_notices (key_id, idle_since, suspends_at)
		select id, since, suspends_at from due
		on conflict (key_id) do update
			set idle_since = excluded.idle_since, told_at = excluded.told_at, suspends_at = excluded.suspends_at
		returning key_id
	)
	select id, floor(extract(epoch from now() - since) / 86400)::int as days, suspends_at from due`;

/** Keys that are to be suspended now, which are held. @returns for how many days each may be without use */
export async function takeSuspensions(
	transaction: Knex.Transaction,
	pass: IdlePass,
): Promise<{id: string; organisation_id: string; days: number}[]> {
	const {rows} = await transaction.raw<{
		rows: {id: string; organisation_id: string; days: number}[];
	}>(suspensionsDue, pass);
	return rows;
}
