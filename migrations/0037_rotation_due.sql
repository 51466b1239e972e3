-- After how many days of its life it was told of a key that it should be replaced, as the key policy asks for.
-- Where a policy gives more time later, it is told again once that is over, too. Outside of a transaction,
-- as 0038. Adds only, and any part may be done again.

alter table api_keys add column if not exists rotation_told_days integer;
comment on column api_keys.rotation_told_days is 'Null: it was not told. Nothing is decided by it.';

-- next
set lock_timeout = 0;

-- next
drop index concurrently if exists api_keys_rotation_untold_idx;

-- next
-- Keys of an organisation of which it was not told yet, oldest first, and those of which it was.
create index concurrently api_keys_rotation_untold_idx on api_keys (organisation_id, created_at)
	where revoked_at is null and replaced_by_id is null and rotation_told_days is null;

-- next
drop index concurrently if exists api_keys_rotation_told_idx;

-- next
create index concurrently api_keys_rotation_told_idx
	on api_keys (organisation_id, rotation_told_days, created_at)
	where revoked_at is null and replaced_by_id is null and rotation_told_days is not null;

-- next
set lock_timeout = '5s';
