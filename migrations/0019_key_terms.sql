-- What restricts a key beside its expiry (contract/key-terms.ts), by name: {} for most. One column for
-- all of them, so that whichever come are announced and none can be forgotten. Servers that do
-- not know a term that a key carries decide nothing (0020).
alter table api_keys add column terms jsonb not null default '{}' check (jsonb_typeof(terms) = 'object');

create or replace trigger api_keys_announce
after insert or delete or update of organisation_id, name, hash, created_at, expires_at, revoked_at, terms on api_keys
for each row execute function announce_key_change();
