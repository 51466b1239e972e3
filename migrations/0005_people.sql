-- People: where sessions come from, one-time codes for invitations and new passwords. Adds only,
-- but for the precision of times that lists are paged by.

-- A user who was made by an operator has no password until the one-time code is used.
alter table users alter column password_hash drop not null;

-- Cursors are exact to the millisecond, see 0001.
alter table users alter column created_at type timestamptz(3);
alter table memberships alter column created_at type timestamptz(3);
alter table sessions alter column created_at type timestamptz(3);
create index users_created_at_idx on users (created_at desc, id desc);

alter table sessions
	add column last_used_at timestamptz not null default now(),
	add column address inet,
	add column user_agent text;
comment on column sessions.last_used_at is 'Login or the last exchange of a refresh token.';
comment on column sessions.address is 'Where the login came from.';

-- Gone when it is accepted or withdrawn: the audit trail keeps what was. Only the SHA-256 of a code
-- is stored.
create table invitations (
	id uuid primary key default gen_random_uuid(),
	organisation_id uuid not null references organisations (id) on delete cascade,
	email text not null,
	role text not null check (role in ('owner', 'admin', 'developer', 'viewer')),
	hash bytea not null check (octet_length(hash) = 32),
	created_by uuid not null references users (id) on delete cascade,
	created_at timestamptz(3) not null default now(),
	expires_at timestamptz not null
);
create unique index invitations_hash_key on invitations (hash);
create index invitations_organisation_id_idx on invitations (organisation_id, created_at desc, id desc);
create index invitations_created_by_idx on invitations (created_by);
comment on column invitations.created_by is 'Holds only as long as this user may give the role.';

-- At most one for each user; gone when it is used. Only the SHA-256 of the code is stored.
create table password_resets (
	user_id uuid primary key references users (id) on delete cascade,
	hash bytea not null check (octet_length(hash) = 32),
	created_at timestamptz not null default now(),
	expires_at timestamptz not null
);
create unique index password_resets_hash_key on password_resets (hash);
