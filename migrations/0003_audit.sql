-- The audit trail (docs/audit.md): one chain of entries for each organisation and one for the
-- appliance, each entry bound by its hash to the one before. Adds only.

-- The last entry of each chain. Moved by the trigger below alone; its row lock is what puts the
-- entries of a chain in order. Room is left on each page so that moving it stays a heap-only update.
create table audit_heads (
	chain uuid primary key,
	sequence bigint not null,
	recorded_at timestamptz not null,
	previous_hash bytea not null,
	hash bytea not null check (octet_length(hash) = 32)
) with (fillfactor = 50);

-- `content` is JSON exactly as it was hashed; the other columns are read out of it, to filter by,
-- so they cannot say anything else. It is one line that begins with its action: an export puts its
-- members between others, and whoever verifies takes them out again, byte for byte.
-- No foreign keys: entries outlive what they tell of.
create table audit_entries (
	chain uuid not null,
	sequence bigint not null,
	recorded_at timestamptz not null,
	content text not null check (content ~ '^\{"action":"[^\n\r]*\}$'),
	previous_hash bytea not null,
	hash bytea not null,
	action text not null generated always as (content::jsonb ->> 'action') stored,
	outcome text not null generated always as (content::jsonb ->> 'outcome') stored,
	actor_id text generated always as (content::jsonb -> 'actor' ->> 'id') stored,
	target_id text generated always as (content::jsonb -> 'target' ->> 'id') stored,
	primary key (chain, sequence)
);
-- Each gives a page newest first, without a sort. Times need none: they never go back within a
-- chain, so that a place in time is found by halving (core/audit/store.ts).
create index audit_entries_action_idx on audit_entries (chain, action, sequence);
create index audit_entries_actor_idx on audit_entries (chain, actor_id, sequence);
create index audit_entries_target_idx on audit_entries (chain, target_id, sequence);
create index audit_entries_refused_idx on audit_entries (chain, sequence) where outcome = 'refused';
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
create index audit_signed_heads_signed_at_idx on audit_signed_heads (signed_at);

-- Runs with the rights of the schema's owner: whoever inserts an entry can neither choose its place
-- nor move a head. One statement takes the lock, moves the head and gives the entry its place.
create function chain_audit_entry() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
	asked timestamptz := clock_timestamp();
	head public.audit_heads%rowtype;
begin
	loop
		update audit_heads set
			sequence = sequence + 1,
			recorded_at = greatest(recorded_at, asked),
			previous_hash = hash,
			hash = sha256(
				hash || int8send(sequence + 1)
				|| int8send((extract(epoch from greatest(recorded_at, asked)) * 1000000)::bigint)
				|| convert_to(new.content, 'UTF8'))
		where chain = new.chain returning * into head;
		exit when found;
		insert into audit_heads values (new.chain, 0, to_timestamp(0), '', sha256(uuid_send(new.chain)))
		on conflict do nothing;
	end loop;
	new.sequence := head.sequence;
	new.recorded_at := head.recorded_at;
	new.previous_hash := head.previous_hash;
	new.hash := head.hash;
	return new;
end
$$;

create trigger audit_entries_chain before insert on audit_entries
for each row execute function chain_audit_entry();

-- Also the owner of the tables does not change them by mistake.
create function refuse_audit_change() returns trigger language plpgsql as $$
begin
	raise exception 'the audit trail only grows' using errcode = 'insufficient_privilege';
end
$$;

create trigger audit_entries_only_grow before update or delete or truncate on audit_entries
for each statement execute function refuse_audit_change();
create trigger audit_signed_heads_only_grow before update or delete or truncate on audit_signed_heads
for each statement execute function refuse_audit_change();
