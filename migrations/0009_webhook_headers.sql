-- More of webhooks (docs/webhooks.md). Adds only.

-- Headers that a receiver asks for, such as a token of its own: sealed as one JSON object. Their
-- names are kept beside, so that they can be shown without opening anything.
alter table webhook_endpoints
	add column custom_headers bytea,
	add column custom_header_names text[] not null default '{}',
	add column master_key_id bytea generated always as (substring(custom_headers from 2 for 8)) stored references master_keys (id);

-- A key that will expire is told of when 7 days are left, and when one is: each once. Here is the
-- last that was told, or that a key of a shorter life had behind it from the beginning.
alter table api_keys add column expiry_warned_days integer check (expiry_warned_days in (7, 1));
create index api_keys_first_warning_idx on api_keys (expires_at)
	where expires_at is not null and revoked_at is null and expiry_warned_days is null;
create index api_keys_last_warning_idx on api_keys (expires_at)
	where expires_at is not null and revoked_at is null and (expiry_warned_days is null or expiry_warned_days > 1);

-- What was given up, for metrics.
create index webhook_deliveries_dead_idx on webhook_deliveries (finished_at) where status = 'dead';
