-- Uses that were refused for their address, by key: what was counted and not told yet. A row is made in
-- the statement that settles the counts, so that nothing is told twice or forgotten. Adds only.

create table key_denials (
	key_id uuid primary key references api_keys on delete cascade,
	-- Since the last entry of the audit trail, and since the last event.
	unentered bigint not null default 0,
	untold bigint not null default 0,
	entered_at timestamptz,
	told_at timestamptz
);

create index key_denials_due on key_denials (entered_at nulls first) where unentered > 0;
