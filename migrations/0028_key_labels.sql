-- What a key is for, in the words of its organisation (contract/key-terms.ts). Decides nothing about its
-- use, so no server has to know of it. Adds only.
alter table api_keys
	add column description text,
	add column owner jsonb check (jsonb_typeof(owner) = 'object'),
	add column tags text[] not null default '{}',
	-- As text, since its members have an order for those who read it.
	add column metadata json not null default '{}' check (json_typeof(metadata) = 'object'),
	add column delete_protected boolean not null default false,
	add column created_by_service_account_id uuid,
	add column revoked_by_service_account_id uuid;
comment on column api_keys.created_by_service_account_id is 'The account may be gone by now: ids are not used twice.';

-- The audit trail tells it of keys from before, as in 0017.
update api_keys k set
	created_by_service_account_id = (
		select (e.content::jsonb -> 'actor' ->> 'id')::uuid from audit_entries e
		where e.chain = k.organisation_id and e.target_id = k.id::text and e.action = 'key.created'
			and e.content::jsonb -> 'actor' ->> 'type' = 'service_account'
		order by e.sequence limit 1
	),
	revoked_by_service_account_id = (
		select (e.content::jsonb -> 'actor' ->> 'id')::uuid from audit_entries e
		where e.chain = k.organisation_id and e.target_id = k.id::text and e.action = 'key.revoked'
			and e.content::jsonb -> 'actor' ->> 'type' = 'service_account'
		order by e.sequence limit 1
	)
where created_by_service_account is not null or revoked_by_service_account is not null;
