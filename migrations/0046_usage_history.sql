-- Sums of use begin with 0043: what was counted before is added up here. Whoever counts waits meanwhile, so that
-- each use is in the sums once.
lock table usage_daily, usage_totals_hourly in share row exclusive mode;

insert into usage_daily as d (organisation_id, day, key_id, outcome, count)
	select k.organisation_id, (u.hour at time zone 'UTC')::date, u.key_id, u.outcome, sum(u.count)
	from usage_hourly u join api_keys k on k.id = u.key_id
	group by 1, 2, 3, 4
on conflict (organisation_id, day, key_id, outcome) do update set count = excluded.count where d.count < excluded.count;

insert into usage_totals_hourly as t (organisation_id, hour, outcome, count)
	select k.organisation_id, u.hour, u.outcome, sum(u.count)
	from usage_hourly u join api_keys k on k.id = u.key_id
	group by 1, 2, 3
on conflict (organisation_id, hour, outcome) do update set count = excluded.count where t.count < excluded.count;
