-- Service accounts: machines that manage keys (OAuth 2.0 client credentials). Adds only.

create table service_accounts (
	id uuid primary key default gen_random_uuid(),
	organisation_id uuid not null references organisations (id) on delete cascade,
	name text not null,
	role text not null check (role in ('admin', 'developer', 'viewer')),
	disabled_at timestamptz,
	created_at timestamptz(3) not null default now()
);
create index service_accounts_organisation_id_idx
	on service_accounts (organisation_id, created_at desc, id desc);

-- A secret that is revoked is deleted: its tokens name it, and stop with it.
create table client_secrets (
	id uuid primary key default gen_random_uuid(),
	service_account_id uuid not null references service_accounts (id) on delete cascade,
	hash bytea not null check (octet_length(hash) = 32),
	hint text not null,
	created_at timestamptz(3) not null default now(),
	expires_at timestamptz,
	last_used_at timestamptz
);
create unique index client_secrets_hash_key on client_secrets (hash);
create index client_secrets_service_account_id_idx on client_secrets (service_account_id);
comment on column client_secrets.hash is 'SHA-256 of the whole secret.';
