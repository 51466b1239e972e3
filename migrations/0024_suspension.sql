-- Keys that are suspended: refused until they are resumed. Servers that do not know of it decide
-- nothing once a key has been suspended (0020). Adds only.

alter table api_keys
	add column suspended_at timestamptz,
	add column suspended_reason text,
	add column changed_at timestamptz;
comment on column api_keys.changed_at is 'When the key was last suspended, resumed or given other terms.';

create or replace trigger api_keys_announce
after insert or delete or update of organisation_id, name, hash, created_at, expires_at, revoked_at, terms, suspended_at on api_keys
for each row execute function announce_key_change();

-- As in 0023: also from psql, no key gets what some server does not know.
create function require_named_terms_version() returns trigger language plpgsql as $$
begin
	perform require_terms_version(tg_argv[0]::integer, tg_argv[1]);
	return new;
end
$$;

create trigger api_keys_require_suspension before insert or update of suspended_at on api_keys
for each row when (new.suspended_at is not null) execute function require_named_terms_version('4', '0.1.0');
