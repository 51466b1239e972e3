-- What the role of the programs may add to the proof of the audit trail is held to what exists, and
-- the name of the machine that made or revoked a key is kept. Adds only.

-- A head is one of an entry that is there, and is signed now: nobody puts one beyond the end. Whether
-- its signature is one, whoever reads it checks.
create function check_signed_head() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
	if not exists (
		select from public.audit_entries
		where chain = new.chain and sequence = new.sequence and hash = new.hash
	) then
		raise exception 'a signed head is one of an entry that exists' using errcode = 'check_violation';
	end if;
	new.signed_at := clock_timestamp();
	return new;
end
$$;

create trigger audit_signed_heads_exist before insert on audit_signed_heads
for each row execute function check_signed_head();

-- A signature that was made up does not take the place of a true one.
alter table audit_signed_heads
	drop constraint audit_signed_heads_pkey,
	add primary key (chain, sequence, signature),
	add constraint audit_signed_heads_signature_check check (octet_length(signature) = 64) not valid;

-- Keys that signed heads verify them for good, and one that signs goes only when another does.
create function keep_audit_keys() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
	if tg_op = 'DELETE' then
		raise exception 'audit keys stay' using errcode = 'insufficient_privilege';
	end if;
	if (new.kid, new.purpose, new.public_jwk) is distinct from (old.kid, old.purpose, old.public_jwk)
		or new.activated_at > old.activated_at
	then
		raise exception 'audit keys stay as they are' using errcode = 'insufficient_privilege';
	end if;
	if new.private_key is null and old.private_key is not null and not exists (
		select from public.signing_keys
		where purpose = 'audit' and private_key is not null and activated_at <= now() and kid <> old.kid
	) then
		raise exception 'the last key that signs the audit trail stays' using errcode = 'insufficient_privilege';
	end if;
	return new;
end
$$;

create trigger signing_keys_keep_audit before update or delete on signing_keys
for each row when (old.purpose = 'audit') execute function keep_audit_keys();

-- As it was called then: the account may be gone by now.
alter table api_keys
	add column created_by_service_account text,
	add column revoked_by_service_account text;

-- The audit trail tells it of keys from before.
update api_keys k set
	created_by_service_account = (
		select e.content::jsonb -> 'actor' ->> 'name' from audit_entries e
		where e.chain = k.organisation_id and e.target_id = k.id::text and e.action = 'key.created'
			and e.content::jsonb -> 'actor' ->> 'type' = 'service_account'
		order by e.sequence limit 1
	),
	revoked_by_service_account = (
		select e.content::jsonb -> 'actor' ->> 'name' from audit_entries e
		where e.chain = k.organisation_id and e.target_id = k.id::text and e.action = 'key.revoked'
			and e.content::jsonb -> 'actor' ->> 'type' = 'service_account'
		order by e.sequence limit 1
	)
where created_by is null or (revoked_at is not null and revoked_by is null);
