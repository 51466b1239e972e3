-- Coherence of the servers' memory (docs/ARCHITECTURE.md, "Revocation"). Adds only; servers of the
-- version before simply do not listen.

-- One row for each server process that may decide from memory, and until when.
create table verifiers (
	id uuid primary key,
	name text not null,
	started_at timestamptz not null default now(),
	lease_until timestamptz not null
);
comment on table verifiers is 'Servers that may decide about keys from memory until lease_until. Logged: a lease must survive a crash of PostgreSQL.';

-- Whoever changes what a decision rests on announces it in the same transaction, also from psql:
-- a commit without its announcement cannot exist. Moving last_used_at is no such change.
-- A server that waits for the others sends a question after it, in the same transaction.
create function announce_key_change() returns trigger language plpgsql as $$
begin
	if tg_op <> 'INSERT' then
		perform pg_notify('latchkey_changes', json_build_object(
			'key', encode(old.hash, 'hex'))::text);
	end if;
	if tg_op = 'INSERT' or (tg_op = 'UPDATE' and new.hash <> old.hash) then
		perform pg_notify('latchkey_changes', json_build_object('key', encode(new.hash, 'hex'))::text);
	end if;
	return null;
end
$$;

create trigger api_keys_announce
after insert or delete or update of organisation_id, name, hash, created_at, expires_at, revoked_at on api_keys
for each row execute function announce_key_change();

create function announce_organisation_change() returns trigger language plpgsql as $$
begin
	perform pg_notify('latchkey_changes', json_build_object('organisation', old.id)::text);
	return null;
end
$$;

create trigger organisations_announce
after delete or update of plan on organisations
for each row execute function announce_organisation_change();

create function announce_truncation() returns trigger language plpgsql as $$
begin
	perform pg_notify('latchkey_changes', json_build_object('everything', true)::text);
	return null;
end
$$;

create trigger api_keys_announce_truncation after truncate on api_keys
for each statement execute function announce_truncation();
create trigger organisations_announce_truncation after truncate on organisations
for each statement execute function announce_truncation();
