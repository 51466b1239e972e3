-- Long lists are read in parts, each beginning where the last one ended: in the order of an index,
-- and by times that are exact to the millisecond, as JavaScript is.
alter table organisations alter column created_at type timestamptz(3);
create index organisations_created_at_idx on organisations (created_at, id);
create index memberships_created_at_idx on memberships (organisation_id, created_at desc, user_id desc);
