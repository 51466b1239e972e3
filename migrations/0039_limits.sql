-- Rate limits and quotas (docs/keys.md). Those of keys are among their terms (0019); what keys of an
-- organisation or owner share, what was changed of a quota by hand, and what a policy says are here.
-- Servers that do not know of them decide nothing once a key has one (0020), also from psql. Adds only.

create table shared_limits (
	id uuid primary key default gen_random_uuid(),
	organisation_id uuid not null references organisations on delete cascade,
	-- Of an owner of keys; null: of the organisation itself.
	owner_type text,
	owner_id text,
	-- As those of a key (contract/rate-limits.ts), complete.
	rate_limits jsonb not null default '[]' check (jsonb_typeof(rate_limits) = 'array'),
	quota jsonb check (jsonb_typeof(quota) = 'object'),
	version integer not null default 1,
	created_at timestamptz(3) not null default now(),
	updated_at timestamptz not null default now(),
	check ((owner_type is null) = (owner_id is null)),
	unique nulls not distinct (organisation_id, owner_type, owner_id)
);
comment on table shared_limits is 'Limits and quotas that the keys of an organisation, or of one owner in it, use up together.';

-- As of key roles (0030): whichever keys have the owner at that moment are read again.
create function announce_shared_limit_change() returns trigger language plpgsql as $$
begin
	if tg_op <> 'INSERT' then
		perform pg_notify('latchkey_changes', json_build_object('organisation', old.organisation_id)::text);
	end if;
	if tg_op = 'INSERT' or (tg_op = 'UPDATE' and new.organisation_id <> old.organisation_id) then
		perform pg_notify('latchkey_changes', json_build_object('organisation', new.organisation_id)::text);
	end if;
	return null;
end
$$;

create trigger shared_limits_announce
after insert or delete or update of organisation_id, owner_type, owner_id, rate_limits, quota on shared_limits
for each row execute function announce_shared_limit_change();
create trigger shared_limits_announce_truncation after truncate on shared_limits
for each statement execute function announce_truncation();

create trigger shared_limits_require_version before insert or update on shared_limits
for each row execute function require_named_terms_version('10', '0.1.0');

-- What somebody added to, or took from, what was used of a quota in a period. What was counted is never
-- changed: whoever has seen a count may put it back where it was lost.
create table quota_adjustments (
	-- The first key of the chain that rotations made: all of them use the same quota.
	lineage_id uuid not null references api_keys (id) on delete cascade,
	period_start timestamptz not null,
	amount bigint not null,
	primary key (lineage_id, period_start)
);

create function announce_quota_adjustment() returns trigger language plpgsql as $$
begin
	perform pg_notify('latchkey_changes', json_build_object('key', encode(h.hash, 'hex'))::text)
	from api_keys k join key_hashes h on h.id = k.id
	where k.id in (old.lineage_id, new.lineage_id) or k.lineage_id in (old.lineage_id, new.lineage_id);
	return null;
end
$$;

create trigger quota_adjustments_announce
after insert or delete or update of lineage_id, period_start, amount on quota_adjustments
for each row execute function announce_quota_adjustment();
create trigger quota_adjustments_announce_truncation after truncate on quota_adjustments
for each statement execute function announce_truncation();

-- What was counted of quotas, as it lies in Redis, a second or so behind: so that a Redis that was emptied
-- gives nothing back. Nothing is decided by it while Redis has the count.
create table quota_usage (
	organisation_id uuid not null references organisations on delete cascade,
	-- `k:` with the id of the first key of a chain, `o:` of the organisation, `w:` with type/id of an owner.
	subject text not null,
	period_start timestamptz not null,
	-- Null: the quota never begins anew.
	period_end timestamptz,
	counted bigint not null,
	-- The limit when it was last written, and the highest of 50, 80 and 100 percent of it that was come to,
	-- and that was told.
	quota_limit bigint not null,
	reached smallint not null default 0,
	told smallint not null default 0,
	updated_at timestamptz not null default now(),
	primary key (organisation_id, subject, period_start)
);
create index quota_usage_untold_idx on quota_usage (updated_at) where reached > told;
create index quota_usage_period_end_idx on quota_usage (period_end) where period_end is not null;

-- Uses that were refused for a limit or quota, by key and its name: what was counted and not told yet.
create table key_limit_refusals (
	key_id uuid not null references api_keys on delete cascade,
	name text not null,
	refused bigint not null default 0,
	untold bigint not null default 0,
	last_at timestamptz not null,
	told_at timestamptz,
	primary key (key_id, name)
);
create index key_limit_refusals_due_idx on key_limit_refusals (told_at nulls first) where untold > 0;
create index key_limit_refusals_last_idx on key_limit_refusals (last_at);

alter table key_policies
	add column default_rate_limits jsonb not null default '[]' check (jsonb_typeof(default_rate_limits) = 'array'),
	add column default_quota jsonb check (jsonb_typeof(default_quota) = 'object'),
	-- Null: nobody has said.
	add column when_redis_is_away text check (when_redis_is_away in ('local', 'refuse', 'allow'));

create or replace trigger key_policies_announce
after insert or delete or update of organisation_id, max_lifetime_days, applies_to_existing, when_redis_is_away on key_policies
for each row execute function announce_key_policy_change();

-- Whose limits a key shares goes by its owner, and its own by the chain that it belongs to.
create or replace trigger api_keys_announce
after insert or delete or update of organisation_id, name, hash, created_at, expires_at, revoked_at, terms, suspended_at, not_before, grace_until, rotation_ended_at, owner, lineage_id on api_keys
for each row execute function announce_key_change();
