-- The role verifier, of people and of service accounts: whoever has it asks about keys, and does nothing
-- else. A server of an earlier version does not know it, and allows it nothing.

alter table memberships
	drop constraint memberships_role_check,
	add constraint memberships_role_check
		check (role in ('owner', 'admin', 'developer', 'viewer', 'verifier'));
alter table invitations
	drop constraint invitations_role_check,
	add constraint invitations_role_check
		check (role in ('owner', 'admin', 'developer', 'viewer', 'verifier'));
alter table service_accounts
	drop constraint service_accounts_role_check,
	add constraint service_accounts_role_check
		check (role in ('admin', 'developer', 'viewer', 'verifier'));
