-- Lists of keys that are narrowed (core/keys/filter.ts). None of these indexes has a column that a use
-- of a key changes: `last_used_at` is moved all the time, and in no index stays cheap to move. Adds only.

create index api_keys_tags_idx on api_keys using gin (tags);
create index api_keys_owner_idx on api_keys (organisation_id, owner, created_at desc, id desc)
	where owner is not null;
create index api_keys_maker_idx
	on api_keys (organisation_id, coalesce(created_by, created_by_service_account_id), created_at desc, id desc);
create index api_keys_expires_at_idx on api_keys (organisation_id, expires_at)
	where expires_at is not null;
create index api_keys_not_before_idx on api_keys (organisation_id, not_before)
	where not_before is not null;
create index api_keys_grace_until_idx on api_keys (organisation_id, grace_until)
	where grace_until is not null;
create index api_keys_suspended_idx on api_keys (organisation_id, created_at desc, id desc)
	where suspended_at is not null;
create index api_keys_revoked_idx on api_keys (organisation_id, created_at desc, id desc)
	where revoked_at is not null;
create index api_keys_live_idx on api_keys (organisation_id, created_at desc, id desc)
	where revoked_at is null;
