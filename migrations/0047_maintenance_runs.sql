-- Backups, restores and drills (docs/backup.md), each with how it ended. Adds only.

create table maintenance_runs (
	id uuid primary key default gen_random_uuid(),
	kind text not null check (kind in ('backup', 'restore', 'drill')),
	started_at timestamptz not null default now(),
	ended_at timestamptz,
	succeeded boolean,
	file text,
	taken_at timestamptz,
	bytes bigint,
	sha256 bytea,
	error text,
	check ((ended_at is null) = (succeeded is null))
);
create index maintenance_runs_kind_idx on maintenance_runs (kind, started_at desc);
comment on table maintenance_runs is 'Written by the command itself. One without an end still runs, or was killed.';
comment on column maintenance_runs.taken_at is 'As of when the data in the file is.';
