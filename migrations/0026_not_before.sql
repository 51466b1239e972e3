-- Keys that are accepted from an instant on (not_before). Servers that do not know of it decide nothing
-- once a key has been given one (0020), also from psql (0024). Adds only.

alter table api_keys add column not_before timestamptz;

create or replace trigger api_keys_announce
after insert or delete or update of organisation_id, name, hash, created_at, expires_at, revoked_at, terms, suspended_at, not_before on api_keys
for each row execute function announce_key_change();

create trigger api_keys_require_not_before before insert or update of not_before on api_keys
for each row when (new.not_before is not null) execute function require_named_terms_version('6', '0.1.0');
