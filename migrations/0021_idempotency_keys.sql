-- Answers that are given once more to the same request (docs/api.md, "Repeating a request"). Adds only.

create table idempotency_keys (
	id uuid primary key,
	organisation_id uuid not null references organisations (id) on delete cascade,
	lookup bytea not null unique check (octet_length(lookup) = 32),
	answer bytea,
	master_key_id bytea generated always as (substring(answer from 2 for 8)) stored references master_keys (id),
	created_at timestamptz not null default now()
);
create index idempotency_keys_created_at_idx on idempotency_keys (created_at);
comment on column idempotency_keys.lookup is 'HMAC of the Idempotency-Key and of who sent it where. The header itself is nowhere.';
comment on column idempotency_keys.answer is 'Request and answer, sealed with a key of the header and then with the master key. Null only inside the transaction of the change.';
