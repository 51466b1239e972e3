-- What lists of keys are narrowed by without reading all of them (core/keys/filter.ts): `scope` and `q`.
-- Outside of a transaction, each part by itself: an index is made while keys are made, used and revoked as
-- ever. Adds only, and any part may be done again.

-- 0028 and 0034 have what `scope` rests on in two tables. Here it is in one column, of keys of any server.
alter table api_keys add column if not exists scope_sources text[] not null default '{#}';
comment on column api_keys.scope_sources is 'What gives a key its scopes: scopes by themselves, roles as #id, and # alone where nothing restricts it. Kept by triggers; for lists, and for no decision.';

-- Volatile: it sees what was committed before the call, see least_terms_version() in 0020.
create or replace function scope_sources_of(key uuid, terms jsonb) returns text[] volatile language sql as $$
	select case when cardinality(roles) = 0 and not terms ? 'scopes' then array['#'] else roles || own end
	from (
		select array(select '#' || role_id from key_role_members where key_id = key order by role_id) as roles,
			array(
				select jsonb_array_elements_text(terms -> 'scopes') where jsonb_typeof(terms -> 'scopes') = 'array'
			) as own
	) as given
$$;

create or replace function set_scope_sources() returns trigger language plpgsql as $$
begin
	new.scope_sources := scope_sources_of(new.id, new.terms);
	return new;
end
$$;

create or replace trigger api_keys_scope_sources before insert or update of terms, scope_sources on api_keys
for each row execute function set_scope_sources();

-- The trigger above says what becomes of it.
create or replace function refresh_scope_sources() returns trigger language plpgsql as $$
begin
	if tg_op <> 'INSERT' then
		update api_keys set scope_sources = default where id in (select key_id from before_change);
	end if;
	if tg_op <> 'DELETE' then
		update api_keys set scope_sources = default where id in (select key_id from after_change);
	end if;
	return null;
end
$$;

create or replace trigger key_role_members_given after insert on key_role_members
referencing new table as after_change for each statement execute function refresh_scope_sources();
create or replace trigger key_role_members_taken after delete on key_role_members
referencing old table as before_change for each statement execute function refresh_scope_sources();
create or replace trigger key_role_members_exchanged after update on key_role_members
referencing old table as before_change new table as after_change
for each statement execute function refresh_scope_sources();

-- What two characters there are in a name, an id and a hint, and of names and hints what characters: where a
-- part is, all the pairs of it are. Pairs, as parts of three are so many that an index of them takes three
-- times as long for every key that is made.
create or replace function searchable_parts(name text, id uuid, hint text)
returns text[] immutable parallel safe language sql as $$
	select array_agg(distinct substr(whole.value, start, length))
	from (values (lower($1), 1), ($2::text, 2), (lower($3), 1)) as whole (value, least),
		generate_series(least, 2) as length, generate_series(1, length(whole.value) - length + 1) as start
$$;

create or replace function parts_to_search(part text) returns text[] immutable parallel safe language sql as $$
	select case when length($1) < 2 then array[$1]
		else array(select substr($1, start, 2) from generate_series(1, length($1) - 1) as start) end
$$;

-- next
update api_keys k set scope_sources = default
where scope_sources = '{#}'
	and (terms ? 'scopes' or exists (select from key_role_members m where m.key_id = k.id));

-- next
-- Waiting for older transactions, such as that of a backup, holds up nobody.
set lock_timeout = 0;

-- next
drop index concurrently if exists api_keys_scope_sources_idx;

-- next
create index concurrently api_keys_scope_sources_idx on api_keys
using gin (scope_sources) with (gin_pending_list_limit = 64);

-- next
drop index concurrently if exists api_keys_parts_idx;

-- next
create index concurrently api_keys_parts_idx on api_keys
using gin ((searchable_parts(name, id, hint) collate "C")) with (gin_pending_list_limit = 64);

-- next
set lock_timeout = '5s';
-- Every search for a part goes by this index; figures about parts would only take time.
alter index api_keys_parts_idx alter column 1 set statistics 0;
-- What waits there to be sorted in is read by every search, and sorted in by whoever finds it full.
alter index api_keys_tags_idx set (gin_pending_list_limit = 64);
analyze api_keys (scope_sources);
