-- How far the clock of each server and worker is off (docs/ARCHITECTURE.md, "Time"), and which work of
-- a worker fails. Adds only; programs of the version before say neither.

alter table verifiers add column clock_offset_ms double precision;
comment on column verifiers.clock_offset_ms is 'How far the clock of its machine is ahead of that of PostgreSQL. For people: nothing is decided by it.';

alter table workers
	add column clock_offset_ms double precision,
	add column failing_jobs text[] not null default '{}';
comment on column workers.failing_jobs is 'Repeated jobs whose last pass in this worker failed.';
