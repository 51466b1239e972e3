import type {Client} from 'pg';
import type {Knex} from 'knex';
import {SchemaError} from './schema-error.ts';

/** Of one session, in milliseconds; 0: none. */
export type SessionBounds = {statementTimeoutMs: number; idleInTransactionTimeoutMs: number};

/**
 * What PostgreSQL reports of itself, so that every pooler keeps it for its clients: sent with the
 * first packet, which goes before what a database or role was given (`alter role … set …`).
 */
export const reported = {
	client_encoding: 'UTF8',
	DateStyle: 'ISO, MDY',
	TimeZone: 'UTC',
	standard_conforming_strings: 'on',
};

/** What our statements mean, and which tables they mean, rests on these. */
const meaning = {
	search_path: 'public, pg_temp',
	default_transaction_isolation: 'read committed',
	default_transaction_deferrable: 'off',
	IntervalStyle: 'postgres',
	bytea_output: 'hex',
	extra_float_digits: '1',
	array_nulls: 'on',
	transform_null_equals: 'off',
};

/** Bounds of PostgreSQL's own that would end our work or our idle connections. */
const unbounded = {
	lock_timeout: '0',
	idle_session_timeout: '0',
	transaction_timeout: '0',
};

/**
 * Sets, in one round trip, what a session rests on; what this PostgreSQL does not have is left out.
 * Whether it may write is left as it was given: providers and operators take that away for a reason.
 */
export async function setUpSession(
	session: Client,
	bounds: SessionBounds,
	timeoutMs: number,
): Promise<void> {
	const wanted = {
		...meaning,
		...unbounded,
		statement_timeout: String(bounds.statementTimeoutMs),
		idle_in_transaction_session_timeout: String(bounds.idleInTransactionTimeoutMs),
	};
	const bound = {query_timeout: timeoutMs};
	await session.query({
		...bound,
		text: `select pg_catalog.set_config(name, value, false)
			from rows from (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) as wanted (name, value)
			where pg_catalog.current_setting(name, true) is not null`,
		values: [Object.keys(wanted), Object.values(wanted)],
	});
}

/**
 * Behind a pooler no session is ours to set: what its database or role was given holds.
 *
 * @throws {SchemaError} naming each setting with which the programs would do something else
 */
export async function requireSettings(db: Knex): Promise<void> {
	const answer = await db.raw<{
		rows: {name: string; setting: string; schema: string | null; role: string}[];
	}>(
		`select name, setting, current_schema() as schema, current_user as role from pg_catalog.pg_settings
		where name in ('search_path', 'default_transaction_isolation', 'session_replication_role')`,
	);
	const faults = answer.rows.flatMap(({name, setting, schema, role}) => {
		const isRight =
			name === 'search_path'
				? schema === 'public'
				: setting === {default_transaction_isolation: 'read committed'}[name] ||
					(name === 'session_replication_role' && setting === 'origin');
		return isRight ? [] : [`  ${name} is ${setting} for ${role}`];
	});
	if (faults.length === 0) return;
	throw new SchemaError(
		`The sessions of PostgreSQL are not as Latchkey needs them, and behind a pooler it cannot set them itself:\n${faults.join('\n')}\nTake back what was set (alter role … reset …; alter database … reset …), or set search_path=public and default_transaction_isolation='read committed' with the pooler, such as connect_query of pgbouncer.`,
	);
}
