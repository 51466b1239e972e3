-- What a key is for is told by the check of a key, too (docs/services.md): its owner, tags, metadata and the
-- names of its roles are read with what decides about it, so each change of them is announced (0002, 0030).

create or replace trigger api_keys_announce
after insert or delete or update of organisation_id, name, hash, created_at, expires_at, revoked_at, terms, suspended_at, not_before, grace_until, rotation_ended_at, owner, lineage_id, tags, metadata on api_keys
for each row execute function announce_key_change();

create or replace trigger key_roles_announce after update of name, scopes on key_roles
for each row execute function announce_role_change();

-- As in 0030, with the names. Servers of the version before go on with the function that they know.
create function hold_roles_of_key(key uuid) returns text volatile language sql as $$
	select json_agg(json_build_array(held.name, held.scopes) order by held.id)::text from (
		select r.id, r.name, r.scopes from key_role_members m join key_roles r on r.id = m.role_id
		where m.key_id = $1 for key share of r
	) as held
$$;
