-- Events and webhooks (docs/ARCHITECTURE.md, "Webhooks"). Adds only. PostgreSQL holds the events, what is to be
-- delivered and when; Redis only carries ids of deliveries that are due, and may be emptied.

create table event_sequences (
	organisation_id uuid primary key references organisations (id) on delete cascade,
	last bigint not null
);
comment on table event_sequences is 'Number of the last event of each organisation. Locked by the change that makes an event, so that numbers have no gaps and follow the commits.';

-- Written in the transaction of the change it tells of, where the organisation has an endpoint for
-- it. `payload` is the body exactly as it is signed and sent, one for each API version in use.
create table events (
	id text not null,
	api_version text not null,
	organisation_id uuid not null references organisations (id) on delete cascade,
	sequence bigint not null,
	type text not null,
	payload text not null,
	created_at timestamptz(3) not null default now(),
	primary key (id, api_version)
);
create unique index events_sequence_key on events (organisation_id, sequence, api_version);
create index events_created_at_idx on events (created_at);

create table webhook_endpoints (
	id uuid primary key default gen_random_uuid(),
	organisation_id uuid not null references organisations (id) on delete cascade,
	url text not null,
	description text,
	event_types text[],
	api_version text not null,
	status text not null default 'active' check (status in ('active', 'disabled')),
	disabled_at timestamptz,
	disabled_reason text check (disabled_reason in ('request', 'gone', 'receiver', 'failing')),
	created_at timestamptz(3) not null default now(),
	created_by uuid references users (id) on delete set null,
	updated_at timestamptz not null default now(),
	last_success_at timestamptz,
	consecutive_failures integer not null default 0,
	first_failure_at timestamptz,
	open_until timestamptz,
	recovering_until timestamptz,
	released_until timestamptz
);
create index webhook_endpoints_organisation_id_idx on webhook_endpoints (organisation_id, created_at desc, id desc);
comment on column webhook_endpoints.event_types is 'Which events it wants; null: all.';
comment on column webhook_endpoints.first_failure_at is 'Of the failures since the last success.';
comment on column webhook_endpoints.open_until is 'The breaker: nothing but one probe is sent before.';
comment on column webhook_endpoints.recovering_until is 'After an outage: what waited is sent slowly until then.';
comment on column webhook_endpoints.released_until is 'While it is treated gently: what was sent last is enough until then.';

-- One current secret (expires_at null) and those it replaced, for as long as they still sign.
create table webhook_secrets (
	id uuid primary key default gen_random_uuid(),
	endpoint_id uuid not null references webhook_endpoints (id) on delete cascade,
	sealed bytea not null,
	master_key_id bytea not null generated always as (substring(sealed from 2 for 8)) stored references master_keys (id),
	created_at timestamptz(3) not null default now(),
	expires_at timestamptz
);
create index webhook_secrets_endpoint_id_idx on webhook_secrets (endpoint_id);

-- pending → queued → sending → succeeded, or back to pending with a later next_at, or dead.
-- A replay is a row of its own with the same event, hence the same webhook-id.
create table webhook_deliveries (
	id uuid primary key default gen_random_uuid(),
	organisation_id uuid not null references organisations (id) on delete cascade,
	endpoint_id uuid not null references webhook_endpoints (id) on delete cascade,
	event_id text not null,
	api_version text not null,
	event_type text not null,
	replay integer not null default 0,
	status text not null default 'pending'
		check (status in ('pending', 'queued', 'sending', 'succeeded', 'dead', 'cancelled')),
	attempt integer not null default 0,
	next_at timestamptz not null default now(),
	queued_at timestamptz,
	lease_until timestamptz,
	created_at timestamptz(3) not null default now(),
	finished_at timestamptz,
	last_status integer,
	last_error text,
	foreign key (event_id, api_version) references events (id, api_version) on delete cascade
) with (fillfactor = 70);
create unique index webhook_deliveries_event_key on webhook_deliveries (event_id, endpoint_id, replay);
create index webhook_deliveries_due_idx on webhook_deliveries (endpoint_id, next_at) where status = 'pending';
create index webhook_deliveries_queued_idx on webhook_deliveries (queued_at) where status = 'queued';
create index webhook_deliveries_sending_idx on webhook_deliveries (lease_until) where status = 'sending';
create index webhook_deliveries_in_flight_idx on webhook_deliveries (endpoint_id, queued_at) where status in ('queued', 'sending');
create index webhook_deliveries_list_idx on webhook_deliveries (organisation_id, created_at desc, id desc);
create index webhook_deliveries_endpoint_idx on webhook_deliveries (endpoint_id, created_at desc, id desc);

create table webhook_attempts (
	delivery_id uuid not null references webhook_deliveries (id) on delete cascade,
	number integer not null,
	started_at timestamptz(3) not null,
	duration_ms integer not null,
	timings jsonb not null,
	address text,
	status_code integer,
	result text not null,
	detail text,
	response_headers jsonb,
	response_body text,
	primary key (delivery_id, number)
);
comment on column webhook_attempts.result is 'succeeded, or the class of the failure: http, dns, refused, tls, timeout, reset, blocked, unsigned.';

-- An expiry is told once, however long nobody was there to tell it.
alter table api_keys add column expiry_announced_at timestamptz;
create index api_keys_expiry_idx on api_keys (expires_at)
	where expires_at is not null and expiry_announced_at is null and revoked_at is null;
