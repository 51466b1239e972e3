import test from 'ava';
import type {Knex} from 'knex';
import type {Tables} from 'knex/types/tables.js';
import {connectDatabase} from '../../core/db/connect.ts';
import '../../core/db/tables.ts';
import {createDatabase} from '../helpers/services.ts';

/** What a column of PostgreSQL must be for a value of this type to come out of it. */
type ColumnType<Value> = [Value] extends [Date]
	? 'timestamp with time zone'
	: [Value] extends [boolean]
		? 'boolean'
		: [Value] extends [number]
			? 'integer' | 'smallint'
			: [Value] extends [Buffer]
				? 'bytea'
				: [Value] extends [readonly string[]]
					? 'ARRAY'
					: [Value] extends [string]
						? 'text' | 'uuid' | 'inet' | 'bigint'
						: 'jsonb' | 'json';
type Column<Value> = null extends Value
	? `${ColumnType<NonNullable<Value>>} null`
	: ColumnType<Value>;

/** The compiler holds this to core/db/tables.ts, the test to the database. */
const columns: {
	[Name in keyof Tables]: {
		[Member in keyof Knex.ResolveTableType<Tables[Name]>]-?: Column<
			Knex.ResolveTableType<Tables[Name]>[Member]
		>;
	};
} = {
	instance_settings: {name: 'text', value: 'text', updated_at: 'timestamp with time zone'},
	master_keys: {id: 'bytea', created_at: 'timestamp with time zone'},
	signing_keys: {
		kid: 'text',
		purpose: 'text',
		public_jwk: 'jsonb',
		private_key: 'bytea null',
		master_key_id: 'bytea null',
		created_at: 'timestamp with time zone',
		activated_at: 'timestamp with time zone',
		retired_at: 'timestamp with time zone null',
	},
	instance_secrets: {
		name: 'text',
		value: 'bytea',
		master_key_id: 'bytea',
		created_at: 'timestamp with time zone',
	},
	organisations: {
		id: 'uuid',
		name: 'text',
		plan: 'text',
		created_at: 'timestamp with time zone',
	},
	users: {
		id: 'uuid',
		email: 'text',
		password_hash: 'text null',
		is_operator: 'boolean',
		disabled_at: 'timestamp with time zone null',
		failed_logins: 'integer',
		login_blocked_until: 'timestamp with time zone null',
		created_at: 'timestamp with time zone',
		origin: 'text null',
		confirmed_at: 'timestamp with time zone null',
	},
	memberships: {
		organisation_id: 'uuid',
		user_id: 'uuid',
		role: 'text',
		created_at: 'timestamp with time zone',
	},
	sessions: {
		id: 'uuid',
		user_id: 'uuid',
		organisation_id: 'uuid null',
		created_at: 'timestamp with time zone',
		expires_at: 'timestamp with time zone',
		ended_at: 'timestamp with time zone null',
		ended_reason: 'text null',
		last_used_at: 'timestamp with time zone',
		address: 'inet null',
		user_agent: 'text null',
		rights: 'jsonb null',
	},
	identities: {
		issuer: 'text',
		subject: 'text',
		user_id: 'uuid',
		created_at: 'timestamp with time zone',
	},
	device_logins: {
		id: 'uuid',
		code_hash: 'bytea',
		provider: 'text',
		device_code: 'bytea',
		master_key_id: 'bytea',
		nonce: 'text',
		interval_seconds: 'integer',
		next_poll_at: 'timestamp with time zone',
		created_at: 'timestamp with time zone',
		expires_at: 'timestamp with time zone',
	},
	idempotency_keys: {
		id: 'uuid',
		organisation_id: 'uuid',
		lookup: 'bytea',
		answer: 'bytea null',
		master_key_id: 'bytea null',
		created_at: 'timestamp with time zone',
	},
	refresh_tokens: {
		hash: 'bytea',
		session_id: 'uuid',
		created_at: 'timestamp with time zone',
		expires_at: 'timestamp with time zone',
		used_at: 'timestamp with time zone null',
	},
	invitations: {
		id: 'uuid',
		organisation_id: 'uuid',
		email: 'text',
		role: 'text',
		hash: 'bytea',
		created_by: 'uuid',
		created_at: 'timestamp with time zone',
		expires_at: 'timestamp with time zone',
	},
	password_resets: {
		user_id: 'uuid',
		hash: 'bytea',
		created_at: 'timestamp with time zone',
		expires_at: 'timestamp with time zone',
	},
	api_keys: {
		id: 'uuid',
		organisation_id: 'uuid',
		name: 'text',
		hash: 'bytea',
		hash_algorithm: 'smallint',
		hint: 'text',
		created_at: 'timestamp with time zone',
		created_by: 'uuid null',
		expires_at: 'timestamp with time zone null',
		last_used_at: 'timestamp with time zone null',
		last_used_ip: 'inet null',
		last_used_address_at: 'timestamp with time zone null',
		last_used_agent: 'text null',
		first_used_at: 'timestamp with time zone null',
		revoked_at: 'timestamp with time zone null',
		revoked_by: 'uuid null',
		expiry_announced_at: 'timestamp with time zone null',
		expiry_warned_days: 'integer null',
		created_by_service_account: 'text null',
		revoked_by_service_account: 'text null',
		terms: 'jsonb',
		suspended_at: 'timestamp with time zone null',
		suspended_reason: 'text null',
		changed_at: 'timestamp with time zone null',
		version: 'integer',
		not_before: 'timestamp with time zone null',
		revocation_reason: 'text null',
		revocation_note: 'text null',
		lineage_id: 'uuid null',
		replaces_id: 'uuid null',
		replaced_by_id: 'uuid null',
		grace_until: 'timestamp with time zone null',
		finish_when_unused_seconds: 'integer null',
		rotation_ended_at: 'timestamp with time zone null',
		rotation_warned_at: 'timestamp with time zone null',
		rotation_told_days: 'integer null',
		description: 'text null',
		owner: 'jsonb null',
		tags: 'ARRAY',
		metadata: 'json',
		delete_protected: 'boolean',
		created_by_service_account_id: 'uuid null',
		revoked_by_service_account_id: 'uuid null',
		scope_sources: 'ARRAY',
	},
	key_policies: {
		organisation_id: 'uuid null',
		version: 'integer',
		updated_at: 'timestamp with time zone',
		max_lifetime_days: 'integer null',
		require_expiry: 'boolean',
		default_lifetime_days: 'integer null',
		rotate_every_days: 'integer null',
		require_scopes: 'boolean',
		scope_catalogue: 'ARRAY null',
		privileged_scopes: 'ARRAY',
		require_ip_allow: 'boolean',
		default_grace_seconds: 'integer null',
		max_grace_seconds: 'integer null',
		require_if_match: 'boolean',
		applies_to_existing: 'text',
		default_rate_limits: 'jsonb',
		default_quota: 'jsonb null',
		when_redis_is_away: 'text null',
		idle_suspend_days: 'integer null',
	},
	shared_limits: {
		id: 'uuid',
		organisation_id: 'uuid',
		owner_type: 'text null',
		owner_id: 'text null',
		rate_limits: 'jsonb',
		quota: 'jsonb null',
		version: 'integer',
		created_at: 'timestamp with time zone',
		updated_at: 'timestamp with time zone',
	},
	events: {
		id: 'text',
		api_version: 'text',
		organisation_id: 'uuid',
		sequence: 'bigint',
		type: 'text',
		payload: 'text',
		created_at: 'timestamp with time zone',
	},
	webhook_endpoints: {
		id: 'uuid',
		organisation_id: 'uuid',
		url: 'text',
		description: 'text null',
		event_types: 'ARRAY null',
		api_version: 'text',
		status: 'text',
		disabled_at: 'timestamp with time zone null',
		disabled_reason: 'text null',
		created_at: 'timestamp with time zone',
		created_by: 'uuid null',
		updated_at: 'timestamp with time zone',
		last_success_at: 'timestamp with time zone null',
		consecutive_failures: 'integer',
		first_failure_at: 'timestamp with time zone null',
		open_until: 'timestamp with time zone null',
		recovering_until: 'timestamp with time zone null',
		released_until: 'timestamp with time zone null',
		custom_headers: 'bytea null',
		custom_header_names: 'ARRAY',
		master_key_id: 'bytea null',
	},
	webhook_secrets: {
		id: 'uuid',
		endpoint_id: 'uuid',
		sealed: 'bytea',
		master_key_id: 'bytea',
		created_at: 'timestamp with time zone',
		expires_at: 'timestamp with time zone null',
	},
	webhook_deliveries: {
		id: 'uuid',
		organisation_id: 'uuid',
		endpoint_id: 'uuid',
		event_id: 'text',
		api_version: 'text',
		event_type: 'text',
		replay: 'integer',
		status: 'text',
		attempt: 'integer',
		next_at: 'timestamp with time zone',
		queued_at: 'timestamp with time zone null',
		lease_until: 'timestamp with time zone null',
		created_at: 'timestamp with time zone',
		finished_at: 'timestamp with time zone null',
		last_status: 'integer null',
		last_error: 'text null',
	},
	audit_heads: {
		chain: 'uuid',
		sequence: 'bigint',
		recorded_at: 'timestamp with time zone',
		previous_hash: 'bytea',
		hash: 'bytea',
	},
	audit_entries: {
		chain: 'uuid',
		sequence: 'bigint',
		recorded_at: 'timestamp with time zone',
		content: 'text',
		previous_hash: 'bytea',
		hash: 'bytea',
		action: 'text',
		outcome: 'text',
		actor_id: 'text null',
		target_id: 'text null',
	},
	audit_signed_heads: {
		chain: 'uuid',
		sequence: 'bigint',
		hash: 'bytea',
		signed_at: 'timestamp with time zone',
		key_id: 'text',
		signature: 'bytea',
	},
	key_roles: {
		id: 'uuid',
		organisation_id: 'uuid',
		name: 'text',
		description: 'text null',
		scopes: 'ARRAY',
		version: 'integer',
		created_at: 'timestamp with time zone',
		updated_at: 'timestamp with time zone',
	},
	key_role_members: {key_id: 'uuid', role_id: 'uuid'},
	service_accounts: {
		id: 'uuid',
		organisation_id: 'uuid',
		name: 'text',
		role: 'text',
		disabled_at: 'timestamp with time zone null',
		created_at: 'timestamp with time zone',
	},
	client_secrets: {
		id: 'uuid',
		service_account_id: 'uuid',
		hash: 'bytea',
		hint: 'text',
		created_at: 'timestamp with time zone',
		expires_at: 'timestamp with time zone null',
		last_used_at: 'timestamp with time zone null',
		token_recorded_at: 'timestamp with time zone null',
	},
	sources: {
		id: 'uuid',
		organisation_id: 'uuid',
		name: 'text',
		type: 'text',
		created_at: 'timestamp with time zone',
		updated_at: 'timestamp with time zone',
	},
};

/** Written and read by SQL that is written out: no row type. */
const withoutType = [
	'event_sequences',
	'webhook_attempts',
	'usage_hourly',
	'usage_daily',
	'usage_totals_hourly',
	'usage_details_hourly',
	'usage_details_daily',
	'key_clients',
	'key_needed_scopes',
	'key_figures',
	'key_denials',
	'key_first_uses',
	'key_idle_notices',
	'quota_adjustments',
	'quota_usage',
	'key_limit_refusals',
	'verifiers',
	'workers',
	'key_hashes',
	'maintenance_runs',
	'knex_migrations',
	'knex_migrations_lock',
];

test('the row types say what the schema says, column by column', async (t) => {
	const database = await createDatabase();
	const db = connectDatabase(database.ownerConfig, 'test');
	try {
		const answer = await db.raw<{
			rows: {table_name: string; column_name: string; data_type: string; is_nullable: string}[];
		}>(
			`select c.table_name, c.column_name, c.data_type, c.is_nullable
			from information_schema.columns c
			join pg_class r on r.oid = format('%I.%I', c.table_schema, c.table_name)::regclass
			where c.table_schema = 'public' and not r.relispartition
			order by c.table_name, c.column_name`,
		);
		const found: Record<string, Record<string, string>> = {};
		for (const {table_name, column_name, data_type, is_nullable} of answer.rows) {
			if (withoutType.includes(table_name)) continue;
			(found[table_name] ??= {})[column_name] =
				is_nullable === 'YES' ? `${data_type} null` : data_type;
		}
		t.deepEqual(found, columns);
		const tables = new Set(answer.rows.map((row) => row.table_name));
		t.deepEqual([...tables].toSorted(), [...Object.keys(columns), ...withoutType].toSorted());
	} finally {
		await db.destroy();
		await database.drop();
	}
});
