-- Secrets that must be read back, sealed (core/secrets/vault.ts) with a master key that is not in here.

-- Every program must know all of these, so that one with other secrets never starts.
create table master_keys (
	id bytea primary key check (octet_length(id) = 8),
	created_at timestamptz not null default now()
);
comment on table master_keys is 'Public ids of the master keys that something here may be sealed with.';

-- A sealed value names its master key in bytes 2 to 9. The reference makes it impossible to seal
-- with a key that not every program must know, and to forget a key that is still needed.
create table signing_keys (
	kid text primary key,
	purpose text not null check (purpose in ('access_token', 'audit')),
	public_jwk jsonb not null,
	private_key bytea,
	master_key_id bytea generated always as (substring(private_key from 2 for 8)) stored references master_keys (id),
	created_at timestamptz not null default now(),
	activated_at timestamptz not null default now(),
	retired_at timestamptz,
	check ((private_key is null) = (retired_at is not null))
);
comment on column signing_keys.kid is 'JWK thumbprint (RFC 7638).';
comment on column signing_keys.activated_at is 'Signs from then on, unless a newer key does; published from the start.';
comment on column signing_keys.retired_at is 'Signs no more: the private key is gone, the public one verifies what it signed.';

create table instance_secrets (
	name text primary key,
	value bytea not null,
	master_key_id bytea not null generated always as (substring(value from 2 for 8)) stored references master_keys (id),
	created_at timestamptz not null default now()
);
comment on table instance_secrets is 'Random keys that all servers share: made once, not changed when the master key is.';
