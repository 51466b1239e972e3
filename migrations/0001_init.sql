-- The first schema: organisations, people, keys, sources, usage.
-- Nothing here is newer than PostgreSQL 15 and nothing needs an extension or a superuser.

create table instance_settings (
	name text primary key,
	value text not null,
	updated_at timestamptz not null default now()
);
comment on table instance_settings is 'Facts about this installation: fingerprints of its secrets, whether setup is done.';

create table organisations (
	id uuid primary key default gen_random_uuid(),
	name text not null,
	plan text not null default 'free' check (plan in ('free', 'pro', 'team')),
	created_at timestamptz not null default now()
);

create table users (
	id uuid primary key default gen_random_uuid(),
	email text not null,
	password_hash text not null,
	is_operator boolean not null default false,
	disabled_at timestamptz,
	failed_logins integer not null default 0,
	login_blocked_until timestamptz,
	created_at timestamptz not null default now()
);
create unique index users_email_key on users (lower(email));

create table memberships (
	organisation_id uuid not null references organisations (id) on delete cascade,
	user_id uuid not null references users (id) on delete cascade,
	role text not null check (role in ('owner', 'admin', 'developer', 'viewer')),
	created_at timestamptz not null default now(),
	primary key (organisation_id, user_id)
);
create index memberships_user_id_idx on memberships (user_id, created_at);

create table sessions (
	id uuid primary key default gen_random_uuid(),
	user_id uuid not null references users (id) on delete cascade,
	organisation_id uuid references organisations (id) on delete set null,
	created_at timestamptz not null default now(),
	expires_at timestamptz not null,
	ended_at timestamptz,
	ended_reason text
);
create index sessions_user_id_idx on sessions (user_id) where ended_at is null;

-- Every token of a session's line is kept until the session expires: a token that is presented
-- again after it was exchanged is how theft shows.
create table refresh_tokens (
	hash bytea primary key check (octet_length(hash) = 32),
	session_id uuid not null references sessions (id) on delete cascade,
	created_at timestamptz not null default now(),
	expires_at timestamptz not null,
	used_at timestamptz
);
create index refresh_tokens_session_id_idx on refresh_tokens (session_id);

-- created_at is exact to the millisecond, as JavaScript is: cursors of newest-first lists rest on it.
-- Only the SHA-256 of a key is stored. Room is left on each page (fillfactor) so that moving
-- last_used_at forward stays a heap-only update that touches no index.
create table api_keys (
	id uuid primary key default gen_random_uuid(),
	organisation_id uuid not null references organisations (id) on delete cascade,
	name text not null,
	hash bytea not null check (octet_length(hash) = 32),
	hash_algorithm smallint not null default 1 check (hash_algorithm = 1),
	hint text not null,
	created_at timestamptz(3) not null default now(),
	created_by uuid references users (id) on delete set null,
	expires_at timestamptz,
	last_used_at timestamptz,
	last_used_ip inet,
	revoked_at timestamptz,
	revoked_by uuid references users (id) on delete set null
) with (fillfactor = 80);
create unique index api_keys_hash_key on api_keys (hash);
create index api_keys_organisation_id_idx on api_keys (organisation_id, created_at desc, id desc);
comment on column api_keys.hash_algorithm is '1: SHA-256 of the whole key.';
comment on column api_keys.hint is 'Prefix and first six random characters, to recognise a key by.';

create table sources (
	id uuid primary key default gen_random_uuid(),
	organisation_id uuid not null references organisations (id) on delete cascade,
	name text not null,
	type text not null,
	created_at timestamptz(3) not null default now(),
	updated_at timestamptz not null default now()
);
create index sources_organisation_id_idx on sources (organisation_id, created_at desc, id desc);

-- Counts of checks by hour. Each server process writes its own absolute count, so that writing
-- the same batch twice, late or out of order changes nothing; the sum over processes is the truth.
create table usage_hourly (
	hour timestamptz not null,
	key_id uuid not null,
	process_id uuid not null,
	outcome text not null,
	count bigint not null,
	primary key (hour, key_id, process_id, outcome)
) partition by range (hour);
create index usage_hourly_key_id_idx on usage_hourly (key_id, hour);
create table usage_hourly_default partition of usage_hourly default;

-- Makes the monthly partitions of a table, from the current month on. A month that already has rows
-- in the default partition is left there. It runs as the owner of the schema, for a caller who may
-- make no table: what it takes is bounded, and names are looked up in no schema of the caller's.
create function ensure_monthly_partitions(parent text, months integer)
returns integer language plpgsql security definer set search_path = public, pg_temp as $$
declare
	month timestamp := date_trunc('month', now() at time zone 'UTC');
	made integer := 0;
	child text;
	taken boolean;
begin
	if parent <> 'usage_hourly' or months not between 1 and 24 or num_nulls(parent, months) > 0 then
		raise exception 'ensure_monthly_partitions: no such table, or not 1 to 24 months' using errcode = '22023';
	end if;
	for step in 1..months loop
		child := parent || '_' || to_char(month, 'YYYY_MM');
		if to_regclass(child) is null then
			execute format(
				'select exists (select from %I where hour >= %L and hour < %L)',
				parent || '_default', month at time zone 'UTC', (month + interval '1 month') at time zone 'UTC'
			) into taken;
			if not taken then
				execute format(
					'create table %I partition of %I for values from (%L) to (%L)',
					child, parent, month at time zone 'UTC', (month + interval '1 month') at time zone 'UTC'
				);
				made := made + 1;
			end if;
		end if;
		month := month + interval '1 month';
	end loop;
	return made;
end
$$;

select ensure_monthly_partitions('usage_hourly', 4);
