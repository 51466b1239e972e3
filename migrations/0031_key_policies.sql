-- What an organisation, or the appliance for all of them, asks of API keys (contract/key-policies.ts).
-- Adds only.

create table key_policies (
	-- Null: of the appliance, a floor that organisations can only tighten.
	organisation_id uuid unique nulls not distinct references organisations on delete cascade,
	-- Rises with each change that somebody makes.
	version integer not null default 1,
	updated_at timestamptz not null default now(),
	max_lifetime_days integer check (max_lifetime_days between 1 and 3650),
	require_expiry boolean not null default false,
	default_lifetime_days integer check (default_lifetime_days between 1 and 3650),
	rotate_every_days integer check (rotate_every_days between 1 and 3650),
	require_scopes boolean not null default false,
	scope_catalogue text[],
	privileged_scopes text[] not null default '{}',
	require_ip_allow boolean not null default false,
	default_grace_seconds integer check (default_grace_seconds between 0 and 2592000),
	max_grace_seconds integer check (max_grace_seconds between 0 and 2592000),
	require_if_match boolean not null default false,
	applies_to_existing text not null default 'report' check (applies_to_existing in ('report', 'enforce'))
);
comment on table key_policies is 'At most one row for each organisation, and one for the appliance. Of both the tighter holds, member by member.';

-- A key that is made or changed is judged by what the policies are when it is committed: whoever does
-- it shares these locks until then, and whoever changes a policy waits for them, also from psql. The
-- appliance's is taken first.
create function lock_key_policy(organisation uuid) returns void language plpgsql as $$
begin
	if organisation is null then
		perform pg_advisory_xact_lock(5093310031);
	else
		perform pg_advisory_xact_lock_shared(5093310031);
		perform pg_advisory_xact_lock(hashtextextended(organisation::text, 5093310031));
	end if;
end
$$;

create function lock_changed_key_policy() returns trigger language plpgsql as $$
begin
	if tg_op = 'DELETE' then
		perform lock_key_policy(old.organisation_id);
		return old;
	end if;
	perform lock_key_policy(new.organisation_id);
	return new;
end
$$;

create trigger key_policies_lock before insert or update or delete on key_policies
for each row execute function lock_changed_key_policy();

-- Volatile: the policies are read as they are once the locks are there.
create function hold_key_policies(organisation uuid) returns setof key_policies volatile language plpgsql as $$
begin
	perform pg_advisory_xact_lock_shared(5093310031);
	perform pg_advisory_xact_lock_shared(hashtextextended(organisation::text, 5093310031));
	return query select * from key_policies where organisation_id = organisation or organisation_id is null;
end
$$;

-- Where a policy is enforced, a key is accepted no longer than its longest life, whatever it carries: all
-- that was read of the keys concerned is read again.
create function announce_key_policy_change() returns trigger language plpgsql as $$
declare
	changed uuid[] := case tg_op
		when 'INSERT' then array[new.organisation_id]
		when 'DELETE' then array[old.organisation_id]
		else array[old.organisation_id, new.organisation_id] end;
	organisation uuid;
begin
	foreach organisation in array changed loop
		perform pg_notify('latchkey_changes', case when organisation is null
			then json_build_object('everything', true)
			else json_build_object('organisation', organisation) end::text);
	end loop;
	return null;
end
$$;

create trigger key_policies_announce
after insert or delete or update of organisation_id, max_lifetime_days, applies_to_existing on key_policies
for each row execute function announce_key_policy_change();

create trigger key_policies_announce_truncation after truncate on key_policies
for each statement execute function announce_truncation();

-- As in 0024: servers that do not know of it decide nothing once a policy is enforced.
create trigger key_policies_require_version before insert or update of applies_to_existing on key_policies
for each row when (new.applies_to_existing = 'enforce') execute function require_named_terms_version('9', '0.1.0');

-- The oldest keys first, which a shorter life concerns first.
create index api_keys_age_idx on api_keys (created_at, id) where revoked_at is null;
