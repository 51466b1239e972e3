-- Keys that nobody uses are suspended where the key policy asks for it, after it was told; and it is told when a
-- key is used for the first time. Adds only.

alter table key_policies add column idle_suspend_days integer check (idle_suspend_days between 8 and 3650);

create table key_idle_notices (
	key_id uuid primary key references api_keys on delete cascade,
	idle_since timestamptz not null,
	told_at timestamptz not null default now(),
	suspends_at timestamptz not null
);
comment on table key_idle_notices is 'Keys of which it was told that they will be suspended, and when; of each the last time only. It holds for as long as the key is idle since the same instant.';

create table key_first_uses (
	key_id uuid primary key references api_keys on delete cascade,
	used_at timestamptz not null,
	address text
);
comment on table key_first_uses is 'First uses that were not told yet. A row is made in the statement that settles the use.';

create function note_first_use() returns trigger language plpgsql as $$
begin
	insert into key_first_uses (key_id, used_at, address)
		values (new.id, new.first_used_at, host(new.last_used_ip)) on conflict do nothing;
	return null;
end
$$;

-- What was used before first uses were kept is used for the first time no more.
create trigger api_keys_note_first_use after update of first_used_at on api_keys
for each row when (old.first_used_at is null and new.first_used_at is not null and old.last_used_at is null)
execute function note_first_use();
