-- Which version of a key there is: it rises with each change that somebody makes, and tells a change
-- that was prepared with another one (If-Match). Decides nothing. Adds only.

alter table api_keys add column version integer not null default 1;
