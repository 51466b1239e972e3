-- How an account was made, and since when it is known to be its owner's: who invites somebody can
-- accept in their name. Adds only; what is not known of an account from before stays null.

alter table users
	add column origin text check (origin in ('setup', 'operator', 'invitation', 'identity_provider')),
	add column confirmed_at timestamptz;
comment on column users.origin is 'How the account was made; null: not known.';
comment on column users.confirmed_at is 'Since when it is more than an inviter''s word whose account it is: made otherwise, a password set with the code of an operator, or an identity linked.';

-- The audit trail tells it of accounts from before.
update users u set origin = (
	select case
		when e.action = 'setup.completed' then 'setup'
		when e.action = 'identity.created' then 'identity_provider'
		when e.content::jsonb -> 'details' ->> 'invitation_id' is not null then 'invitation'
		else 'operator'
	end
	from audit_entries e
	where e.chain = '00000000-0000-0000-0000-000000000000' and e.target_id = u.id::text
		and e.action in ('setup.completed', 'user.created', 'identity.created')
	order by e.sequence limit 1
);
update users u set confirmed_at = case
	when origin <> 'invitation' then created_at
	else least(
		(select min(e.recorded_at) from audit_entries e
		where e.chain = '00000000-0000-0000-0000-000000000000' and e.target_id = u.id::text
			and e.action = 'password.reset'),
		(select min(i.created_at) from identities i where i.user_id = u.id))
end;
