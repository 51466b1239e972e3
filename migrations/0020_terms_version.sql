-- Servers that are too old for the terms of keys (docs/ARCHITECTURE.md, "Servers of two versions").
-- Adds only; a server of the version before says nothing of itself and counts as version 1.

alter table verifiers add column terms_version integer not null default 1;
comment on column verifiers.terms_version is 'The newest version of the terms of keys that this server understands (core/verification/terms-version.ts).';

insert into instance_settings (name, value) values ('least_terms_version', '1');

-- Volatile: it sees what was committed before the call, not before the statement, which may have waited.
create function least_terms_version() returns integer volatile language sql as $$
	select value::integer from instance_settings where name = 'least_terms_version'
$$;

-- A server that does not understand what keys carry gets no lease. The number is read anew here, after
-- the lock that writing to the table takes: see require_terms_version.
create function refuse_older_verifier() returns trigger language plpgsql as $$
declare
	least constant integer := least_terms_version();
begin
	if new.terms_version < least then
		raise exception 'keys carry terms of version %, and this server understands version %', least, new.terms_version
			using errcode = 'LK001';
	end if;
	return new;
end
$$;

create trigger verifiers_refuse_older before insert or update on verifiers
for each row execute function refuse_older_verifier();

-- Called in each transaction that gives a key a term: from its commit on, no server decides that does
-- not understand it. Refuses while one that is older may still decide from memory.
--
-- Whoever gains or renews a lease writes to verifiers, which the lock here excludes until the commit.
-- So a lease is either seen here, or asked for after the number was raised, and refused. Only the
-- first use of a version takes the lock; it is asked for before anything else is locked.
create function require_terms_version(wanted integer, known_since text) returns void language plpgsql as $$
declare
	older text;
begin
	if least_terms_version() >= wanted then return; end if;
	if current_setting('transaction_isolation') <> 'read committed' then
		raise exception 'the first use of a version of terms must see what others commit meanwhile'
			using errcode = 'active_sql_transaction', hint = 'Use a transaction that is read committed.';
	end if;
	lock table verifiers in share row exclusive mode;
	if least_terms_version() >= wanted then return; end if;
	select string_agg(name, ', ' order by name) into older
	from verifiers where terms_version < wanted and lease_until > clock_timestamp();
	if older is not null then
		raise exception 'a server of an older version is still running: %', older using errcode = 'LK002';
	end if;
	insert into instance_settings as s (name, value)
	values ('least_terms_version', wanted::text), ('least_terms_known_since', known_since)
	on conflict (name) do update set value = excluded.value, updated_at = now();
end
$$;
