-- Key roles: scopes under a name, for the keys of one organisation that go by them (docs/keys.md, "Roles").
-- Servers that do not know of them decide nothing once a key has one (0020), also from psql (0024). Adds only.

create table key_roles (
	id uuid primary key default gen_random_uuid(),
	organisation_id uuid not null references organisations (id) on delete cascade,
	name text not null,
	description text,
	scopes text[] not null,
	version integer not null default 1,
	created_at timestamptz(3) not null default now(),
	updated_at timestamptz not null default now(),
	unique (organisation_id, name)
);
create index key_roles_organisation_id_idx on key_roles (organisation_id, created_at desc, id desc);

-- By the id of a role, not its name: a role that is renamed stays the same to its keys.
create table key_role_members (
	key_id uuid not null references api_keys (id) on delete cascade,
	role_id uuid not null references key_roles (id),
	primary key (key_id, role_id)
);
create index key_role_members_role_id_idx on key_role_members (role_id);
comment on table key_role_members is 'Which keys have a role. A key that has one has the scopes of its roles and its own, and no others.';

create function require_role_of_organisation() returns trigger language plpgsql as $$
begin
	perform from api_keys k join key_roles r on r.organisation_id = k.organisation_id
	where k.id = new.key_id and r.id = new.role_id;
	if not found then
		raise exception 'a key has roles of its own organisation only' using errcode = 'foreign_key_violation';
	end if;
	return new;
end
$$;

create trigger key_role_members_require_organisation before insert or update on key_role_members
for each row execute function require_role_of_organisation();

create trigger key_role_members_require_version before insert or update on key_role_members
for each row execute function require_named_terms_version('8', '0.1.0');

-- As in 0002. Of a role, its organisation is announced: whichever of its keys are given the role at the
-- same moment are among those that are read again.
create function announce_role_change() returns trigger language plpgsql as $$
begin
	perform pg_notify('latchkey_changes', json_build_object('organisation', old.organisation_id)::text);
	return null;
end
$$;

create trigger key_roles_announce after update of scopes on key_roles
for each row execute function announce_role_change();

create function announce_roles_of_key() returns trigger language plpgsql as $$
begin
	perform pg_notify('latchkey_changes', json_build_object('key', encode(hash, 'hex'))::text)
	from key_hashes where id in (old.key_id, new.key_id);
	return null;
end
$$;

create trigger key_role_members_announce after insert or delete or update of key_id, role_id on key_role_members
for each row execute function announce_roles_of_key();
create trigger key_role_members_announce_truncation after truncate on key_role_members
for each statement execute function announce_truncation();

-- The scopes of each role of a key, which stay so until the transaction ends. Volatile: it sees what was
-- committed before the call, see least_terms_version() in 0020.
create function hold_scopes_of_roles(key uuid) returns text volatile language sql as $$
	select json_agg(held.scopes order by held.id)::text from (
		select r.id, r.scopes from key_role_members m join key_roles r on r.id = m.role_id
		where m.key_id = $1 for key share of r
	) as held
$$;
