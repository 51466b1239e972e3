-- The audit trail (docs/ARCHITECTURE.md, "Audit"): one chain of entries for each organisation and one for
-- the appliance, each entry bound by its hash to the one before. Adds only.

-- The last entry of each chain. Moved by the trigger below alone; its row lock is what puts the
-- entries of a chain in order.
create table audit_heads (
	chain uuid primary key,
	sequence bigint not null,
	hash bytea not null check (octet_length(hash) = 32)
);

-- `content` is JSON exactly as it was hashed; the other columns are read out of it, to filter by,
-- so they cannot say anything else. No foreign keys: entries outlive what they tell of.
create table audit_entries (
	chain uuid not null,
	sequence bigint not null,
	recorded_at timestamptz not null,
	content text not null,
	previous_hash bytea not null,
	hash bytea not null,
	action text not null generated always as (content::jsonb ->> 'action') stored,
	outcome text not null generated always as (content::jsonb ->> 'outcome') stored,
	actor_id text generated always as (content::jsonb -> 'actor' ->> 'id') stored,
	target_id text generated always as (content::jsonb -> 'target' ->> 'id') stored,
	primary key (chain, sequence)
);
create index audit_entries_action_idx on audit_entries (chain, action, sequence);
create index audit_entries_actor_idx on audit_entries (chain, actor_id, sequence);
create index audit_entries_target_idx on audit_entries (chain, target_id, sequence);
create index audit_entries_recorded_idx on audit_entries (chain, recorded_at);
comment on column audit_entries.chain is 'The organisation, or 00000000-0000-0000-0000-000000000000 for the appliance.';
comment on column audit_entries.hash is 'SHA-256 of previous_hash, sequence and recorded_at in microseconds since 1970 (8 bytes each, big-endian), content in UTF-8. The first previous_hash is the SHA-256 of the 16 bytes of the chain.';

-- Heads as they were signed, every few minutes: what is cut off behind one shows.
create table audit_signed_heads (
	chain uuid not null,
	sequence bigint not null,
	hash bytea not null check (octet_length(hash) = 32),
	signed_at timestamptz not null default now(),
	key_id text not null,
	signature bytea not null,
	primary key (chain, sequence)
);

-- Runs with the rights of the schema's owner: whoever inserts an entry can neither choose its place
-- nor move a head.
create function chain_audit_entry() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
	head audit_heads%rowtype;
begin
	insert into audit_heads values (new.chain, 0, sha256(uuid_send(new.chain))) on conflict do nothing;
	select * into strict head from audit_heads where chain = new.chain for update;
	new.sequence := head.sequence + 1;
	new.recorded_at := clock_timestamp();
	new.previous_hash := head.hash;
	new.hash := sha256(
		head.hash || int8send(new.sequence)
		|| int8send((extract(epoch from new.recorded_at) * 1000000)::bigint)
		|| convert_to(new.content, 'UTF8'));
	update audit_heads set sequence = new.sequence, hash = new.hash where chain = new.chain;
	return new;
end
$$;

create trigger audit_entries_chain before insert on audit_entries
for each row execute function chain_audit_entry();
