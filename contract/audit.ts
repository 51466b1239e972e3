/**
 * Every kind of entry in the audit trail, with what it tells. The names are those of events, too:
 * `<thing>.<what happened to it>`.
 */
export const auditActions = {
	'setup.completed': 'The first administrator was made',
	'user.created': 'A user was created',
	'user.disabled': 'A user was disabled, their sessions ended',
	'user.enabled': 'A user was enabled again',
	'user.operator_granted': 'A user was made an operator',
	'user.operator_revoked': 'A user is an operator no more',
	'user.login_failed': 'A password was refused, or not looked at, as too many came before it',
	'user.unlocked': 'The delay after failed logins was lifted',
	'user.recovered': 'A lost administrator was let in again at the machine of the appliance',
	'password.changed': 'A user changed their password; their other sessions ended',
	'password.reset_issued': 'A one-time code to set a password was issued',
	'password.reset': 'A password was set with a one-time code; every session of the user ended',
	'session.opened': 'A person logged in',
	'session.ended': 'A session, or all of a user, was ended',
	'session.reuse':
		'A refresh token came back after its successor was in use; the session was ended',
	'identity.created':
		'A person of an identity provider became known, as a new user or an existing one',
	'identity.refused': 'A token or a person of an identity provider was refused',
	'authorization.denied': 'A caller was refused for want of rights',
	'organization.created': 'An organisation was created',
	'organization.updated': 'An organisation was renamed',
	'plan.upgraded': 'The plan of an organisation was raised',
	'plan.downgraded': 'The plan of an organisation was lowered',
	'invitation.created': 'Somebody was invited to an organisation',
	'invitation.withdrawn': 'An invitation was withdrawn',
	'member.added': 'Somebody accepted an invitation and became a member',
	'member.role_changed': 'A member was given another role',
	'member.removed': 'A member was removed, or left',
	'key.created': 'An API key was created',
	'key.expiring': 'An API key will reach its expires_at in 7 days, or in one',
	'key.expired': 'An API key reached its expires_at',
	'key.first_used': 'An API key was used for the first time',
	'key.idle':
		'An API key was not used for `days` days, and will be suspended at `suspended_at`, as the key policy asks for',
	'key.updated': 'What an API key carries was changed',
	'key.suspended': 'An API key was suspended',
	'key.resumed': 'An API key that was suspended is accepted again',
	'key.rotated': 'An API key was replaced by a new one',
	'key.rotation_due':
		'An API key should be replaced by now: it is as old as the key policy lets it be',
	'key.rotation_ending': 'A rotated API key that is still used will be refused within a day',
	'key.rotation_finished': 'The grace of a rotated API key has ended',
	'key.rotation_cancelled': 'The rotation of an API key was cancelled, and its successor revoked',
	'key.ip_denied':
		'An API key was refused for the address it was used from; once a minute and key, `count` is how often',
	'key.quota_changed':
		'What was used of the quota of an API key was set, added to or taken from by hand',
	'key.revoked': 'An API key was revoked',
	'key_role.created': 'A role was made, whose scopes keys can be given',
	'key_role.updated': 'A role was renamed, or the keys that have it were given other scopes',
	'key_role.deleted': 'A role that no key had was deleted',
	'key_policy.updated': 'What an organisation asks of API keys was changed',
	'appliance_key_policy.updated': 'What the appliance asks of API keys was changed',
	'shared_limit.updated':
		'Limits that the keys of an organisation, or of one owner, share were set, changed or taken away',
	'webhook.created': 'A webhook endpoint was created',
	'webhook.updated': 'A webhook endpoint was changed',
	'webhook.enabled': 'A webhook endpoint was enabled',
	'webhook.disabled': 'A webhook endpoint was disabled',
	'webhook.deleted': 'A webhook endpoint was deleted',
	'webhook.replayed': 'Events were sent to a webhook endpoint again',
	'webhook.tested': 'A test was sent to a webhook endpoint',
	'webhook.secret_rotated': 'The signing secret of a webhook endpoint was replaced',
	'webhook.secrets_revoked':
		'Signing secrets of a webhook endpoint that were replaced sign no more, before their time',
	'service_account.created': 'A service account was created',
	'service_account.updated': 'A service account was renamed or given another role',
	'service_account.disabled': 'A service account was disabled',
	'service_account.enabled': 'A service account was enabled again',
	'service_account.deleted': 'A service account was deleted, with its secrets',
	'client_secret.created': 'A service account was given a secret',
	'client_secret.revoked': 'A secret of a service account was revoked',
	'token.issued': 'A service account exchanged a secret for a token; once an hour and secret',
	'token.refused': 'A service account was refused a token',
	'signing_key.rotated':
		'A new key was made that signs access tokens, or heads of this trail, from then or soon on',
	'master_key.rotated': 'All that is kept encrypted was encrypted anew with another master key',
	'source.created': 'A source was created',
	'source.updated': 'A source was changed',
	'source.deleted': 'A source was deleted',
} as const satisfies Record<string, string>;

export type AuditAction = keyof typeof auditActions;

export const auditOutcomes = ['success', 'refused'] as const;

/** What an entry is about. */
export const targetTypes = [
	'appliance',
	'organization',
	'user',
	'invitation',
	'session',
	'identity_provider',
	'api_key',
	'key_role',
	'shared_limits',
	'service_account',
	'client_secret',
	'source',
	'webhook',
	'route',
	'signing_key',
	'master_key',
] as const;
