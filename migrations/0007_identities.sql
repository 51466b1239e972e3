-- People of the operator's identity providers: who a token of theirs is about, what they said of a
-- session's rights, and logins that wait for an approval elsewhere. Adds only.

-- Who comes from a provider has no password here.
alter table users alter column password_hash drop not null;

create table identities (
	issuer text not null,
	subject text not null,
	user_id uuid not null references users (id) on delete cascade,
	created_at timestamptz not null default now(),
	primary key (issuer, subject)
);
create index identities_user_id_idx on identities (user_id);

alter table sessions add column rights jsonb;
comment on column sessions.rights is 'What the provider said of the person''s rights at the login; null: they come from the account and its memberships.';

-- Logins by device authorisation (RFC 8628), from their start until the first token or the end.
-- Any server can go on with one.
create table device_logins (
	id uuid primary key,
	code_hash bytea not null check (octet_length(code_hash) = 32),
	provider text not null,
	device_code bytea not null,
	master_key_id bytea not null generated always as (substring(device_code from 2 for 8)) stored references master_keys (id),
	nonce text not null,
	interval_seconds integer not null,
	next_poll_at timestamptz not null default now(),
	created_at timestamptz not null default now(),
	expires_at timestamptz not null
);
create unique index device_logins_code_hash_key on device_logins (code_hash);
create index device_logins_expires_at_idx on device_logins (expires_at);
comment on column device_logins.code_hash is 'SHA-256 of the code that the console holds.';
comment on column device_logins.device_code is 'The code that the provider gave us, sealed.';
