-- Servers from before there were versions of terms (0020) ask for no version. They find keys by
-- api_keys.hash, in each statement by which they decide: so the first use of a term takes the right to
-- read that column from the role of servers, and later servers find keys by this view. Adds only.
--
-- Where one role owns the schema and runs the servers, too, nothing can be taken from it.

create view key_hashes as select id, hash from api_keys;
comment on view key_hashes is 'Which key has a hash. Servers read hashes here, and not in api_keys, which older ones read.';

-- Also called whenever rights are granted (core/db/grants.ts). Lists are told apart by xmin.
create function withhold_hashes(role name) returns void language plpgsql as $$
declare
	others constant text := (
		select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
		where attrelid = 'api_keys'::regclass and not attisdropped
			and (attnum > 0 and attname <> 'hash' or attname = 'xmin')
	);
begin
	if least_terms_version() > 1 then
		execute format('revoke select on table api_keys from %I', role);
		execute format('grant select (%s) on table api_keys to %I', others, role);
	end if;
end
$$;

-- As in 0020, and as the owner, who alone can take a right away.
create or replace function require_terms_version(wanted integer, known_since text) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
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
	perform withhold_hashes(rolname) from pg_roles
	where oid in (
		select grantee from pg_class, aclexplode(relacl)
		where pg_class.oid = 'api_keys'::regclass and privilege_type = 'UPDATE' and grantee <> relowner
	);
end
$$;
