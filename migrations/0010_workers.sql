-- Which workers there are (docs/ARCHITECTURE.md, "Health"). Adds only; workers of the version before
-- are simply not seen.

create table workers (
	id uuid primary key,
	name text not null,
	version text not null,
	started_at timestamptz not null default now(),
	seen_at timestamptz not null default now(),
	takes_jobs boolean not null,
	flushed_at timestamptz,
	pumped_at timestamptz,
	stopped_at timestamptz
);
comment on table workers is 'Worker processes, each with when it was last heard of. Nothing is decided by it: it is for people.';
