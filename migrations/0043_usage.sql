-- Usage that answers questions: sums by day and by organisation, by tag and address, from where a key is used,
-- and what it is used for. Each grows by what a write of counts has added, in the statement that adds it.

-- What the last write of a row added to it: how much more there is to be summed up.
alter table usage_hourly add column added bigint not null default 0;

alter table api_keys
	add column first_used_at timestamptz,
	add column last_used_address_at timestamptz,
	add column last_used_agent text;
comment on column api_keys.last_used_address_at is 'Of the last use of which it is known from where, or by which program, it was: last_used_ip and last_used_agent are of that one.';

update api_keys set last_used_address_at = last_used_at where last_used_ip is not null;
update api_keys k set first_used_at = u.hour
	from (select key_id, min(hour) as hour from usage_hourly where outcome = 'valid' group by key_id) as u
	where u.key_id = k.id;

create table usage_daily (
	organisation_id uuid not null,
	day date not null,
	key_id uuid not null,
	outcome text not null,
	count bigint not null,
	primary key (organisation_id, day, key_id, outcome)
) partition by range (day);
create index usage_daily_key_id_idx on usage_daily (key_id, day);
create table usage_daily_default partition of usage_daily default;

-- Of all keys of an organisation together.
create table usage_totals_hourly (
	organisation_id uuid not null,
	hour timestamptz not null,
	outcome text not null,
	count bigint not null,
	primary key (organisation_id, hour, outcome)
) with (fillfactor = 80);

-- What one process saw of a key in an hour, beside outcomes: each kind of use once, by its number in the
-- batch. What was added is summed up elsewhere; these are kept as long as a batch may be written once more.
create table usage_details_hourly (
	hour timestamptz not null,
	process_id uuid not null,
	detail integer not null,
	key_id uuid not null,
	kind text not null,
	value text not null,
	agent text not null,
	count bigint not null,
	refused bigint not null,
	first_at timestamptz not null,
	last_at timestamptz not null,
	added bigint not null,
	added_refused bigint not null,
	primary key (hour, process_id, detail)
) partition by range (hour);
comment on column usage_details_hourly.kind is 'client: value is an address, or empty; tag; scope: one that was needed.';
create index usage_details_hourly_key_id_idx on usage_details_hourly (key_id, kind, hour);
create table usage_details_hourly_default partition of usage_details_hourly default;

-- By tag, and by address.
create table usage_details_daily (
	organisation_id uuid not null,
	day date not null,
	key_id uuid not null,
	kind text not null,
	value text not null,
	count bigint not null,
	refused bigint not null,
	primary key (organisation_id, day, key_id, kind, value)
) partition by range (day);
create index usage_details_daily_key_id_idx on usage_details_daily (key_id, kind, day);
create table usage_details_daily_default partition of usage_details_daily default;

create table key_clients (
	key_id uuid not null references api_keys on delete cascade,
	address text not null,
	user_agent text not null,
	first_seen_at timestamptz not null,
	last_seen_at timestamptz not null,
	count bigint not null,
	refused bigint not null,
	primary key (key_id, address, user_agent)
) with (fillfactor = 80);
comment on column key_clients.address is 'Empty: nobody said.';

-- Scopes that accepted uses of a key needed; count: in how many hours, of each server process.
create table key_needed_scopes (
	key_id uuid not null references api_keys on delete cascade,
	scope text not null,
	first_needed_at timestamptz not null,
	last_needed_at timestamptz not null,
	count bigint not null,
	primary key (key_id, scope)
) with (fillfactor = 80);

-- Makes partitions of all counts: of this month and the next ones, of details by hour of this day and the next
-- ones; and drops those that ended longer ago than they are kept. What already has rows in a default partition
-- is left there, until it is as old. It runs as the owner of the schema, for a caller who may make and drop no
-- table: what it takes is bounded, and names are looked up in no schema of the caller's.
create function keep_usage_partitions(months integer, days integer, kept_days integer, kept_detail_days integer, out made integer, out dropped integer)
language plpgsql security definer set search_path = public, pg_temp as $$
declare
	today date := (now() at time zone 'UTC')::date;
	kept record;
	span interval;
	begins date;
	child text;
	taken boolean;
begin
	if num_nulls(months, days, kept_days, kept_detail_days) > 0 or months not between 1 and 24 or days not between 1 and 31
		or kept_days not between 31 and 3650 or kept_detail_days not between 8 and 3650 then
		raise exception 'keep_usage_partitions: not 1 to 24 months, 1 to 31 days, 31 to 3650 days kept, 8 to 3650 of details' using errcode = '22023';
	end if;
	-- Whoever counts waits behind this no longer than so.
	perform set_config('lock_timeout', '2s', true);
	made := 0;
	dropped := 0;
	for kept in select * from (values
		('usage_hourly', 'hour', true, 'month', months, kept_days),
		('usage_daily', 'day', false, 'month', months, kept_days),
		('usage_details_daily', 'day', false, 'month', months, kept_days),
		('usage_details_hourly', 'hour', true, 'day', days, kept_detail_days)
	) as t (parent, place, is_instant, unit, ahead, age)
	loop
		span := ('1 ' || kept.unit)::interval;
		for step in 0..kept.ahead - 1 loop
			begins := (date_trunc(kept.unit, today::timestamp) + step * span)::date;
			child := kept.parent || '_' || to_char(begins, case kept.unit when 'month' then 'YYYY_MM' else 'YYYY_MM_DD' end);
			continue when to_regclass(child) is not null;
			execute format(
				'select exists (select from %I where %I >= %L and %I < %L)',
				kept.parent || '_default', kept.place, usage_bound(begins, kept.is_instant), kept.place, usage_bound((begins + span)::date, kept.is_instant)
			) into taken;
			continue when taken;
			execute format(
				'create table %I partition of %I for values from (%L) to (%L) with (fillfactor = 80)',
				child, kept.parent, usage_bound(begins, kept.is_instant), usage_bound((begins + span)::date, kept.is_instant)
			);
			made := made + 1;
		end loop;
		for child, begins in
			select c.relname, to_date(substring(c.relname from '_(\d{4}_\d\d(?:_\d\d)?)$'), case kept.unit when 'month' then 'YYYY_MM' else 'YYYY_MM_DD' end)
			from pg_inherits i join pg_class c on c.oid = i.inhrelid
			where i.inhparent = kept.parent::regclass and c.relname ~ '_\d{4}_\d\d(_\d\d)?$'
		loop
			continue when begins + span > today - kept.age;
			execute format('drop table %I', child);
			dropped := dropped + 1;
		end loop;
		execute format(
			'delete from %I where %I < %L',
			kept.parent || '_default', kept.place, usage_bound(today - kept.age, kept.is_instant)
		);
	end loop;
	delete from usage_totals_hourly where hour < usage_bound(today - kept_days, true)::timestamptz;
end
$$;

-- How a day is written as a bound of a partition.
create function usage_bound(day date, is_instant boolean) returns text language sql immutable set search_path = public, pg_temp as $$
	select to_char(day, 'YYYY-MM-DD') || case when is_instant then ' 00:00:00+00' else '' end
$$;

drop function ensure_monthly_partitions(text, integer);

do $$ begin perform keep_usage_partitions(4, 4, 400, 8); end $$;
