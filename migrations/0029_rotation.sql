-- Keys that are replaced by another one and accepted beside it for a while. Servers that do not know of
-- it would accept a key after its grace, and decide nothing once one has been given any (0020). Adds only.

alter table api_keys
	add column lineage_id uuid references api_keys (id),
	add column replaces_id uuid references api_keys (id),
	add column replaced_by_id uuid references api_keys (id),
	add column grace_until timestamptz,
	add column finish_when_unused_seconds integer,
	add column rotation_ended_at timestamptz,
	add column rotation_warned_at timestamptz;
comment on column api_keys.lineage_id is 'The first key of the chain that rotations made; null for the first itself.';
comment on column api_keys.grace_until is 'Until when a key that was replaced is accepted. Null also where it was revoked at once.';
comment on column api_keys.rotation_ended_at is 'When the grace was ended, or its end was told.';

create index api_keys_lineage_idx on api_keys (lineage_id) where lineage_id is not null;
create index api_keys_grace_idx on api_keys (grace_until)
where grace_until is not null and rotation_ended_at is null and revoked_at is null;

create or replace trigger api_keys_announce
after insert or delete or update of organisation_id, name, hash, created_at, expires_at, revoked_at, terms, suspended_at, not_before, grace_until, rotation_ended_at on api_keys
for each row execute function announce_key_change();

create trigger api_keys_require_grace before insert or update of grace_until, revoked_at on api_keys
for each row when (new.grace_until is not null and new.revoked_at is null)
execute function require_named_terms_version('7', '0.1.0');
