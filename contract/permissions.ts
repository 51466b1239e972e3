import type {Role} from './people.ts';

/**
 * Who may do what: the one table that the routes read. `operator` alone means that no role in an
 * organisation gives it. An operator may do everything everywhere; an API key may do what `key`
 * says, in its own organisation.
 */
export const permissions = {
	'organisations:create': ['operator'],
	'users:manage': ['operator'],
	'organisation:read': ['owner', 'admin', 'developer', 'viewer'],
	'organisation:update': ['owner', 'admin'],
	'organisation:plan': ['operator'],
	'members:read': ['owner', 'admin', 'developer', 'viewer'],
	'members:leave': ['owner', 'admin', 'developer', 'viewer'],
	'members:manage': ['owner', 'admin'],
	/** Giving and taking the role owner. */
	'owners:manage': ['owner'],
	'keys:read': ['owner', 'admin', 'developer', 'viewer'],
	'keys:create': ['owner', 'admin', 'developer'],
	'keys:revoke': ['owner', 'admin', 'developer'],
	'keys:verify': ['owner', 'admin', 'developer', 'key'],
	'forward-auth:use': ['owner', 'admin', 'developer', 'viewer', 'key'],
	'webhooks:read': ['owner', 'admin', 'developer', 'viewer'],
	// Answers of receivers may hold what only administrators should read.
	'webhooks:inspect': ['owner', 'admin'],
	'webhooks:manage': ['owner', 'admin'],
	'service_accounts:read': ['owner', 'admin'],
	'service_accounts:manage': ['owner', 'admin'],
	'sources:read': ['owner', 'admin', 'developer', 'viewer', 'key'],
	'sources:write': ['owner', 'admin', 'developer', 'key'],
	'audit:read': ['owner', 'admin'],
	'audit:appliance': ['operator'],
	'system:read': ['operator'],
} as const satisfies Record<string, readonly (Role | 'operator' | 'key')[]>;

export type Permission = keyof typeof permissions;
export type Grantee = Role | 'operator' | 'key';

export function allows(permission: Permission, grantee: Grantee): boolean {
	if (grantee === 'operator') return true;
	const grantees: readonly Grantee[] = permissions[permission];
	return grantees.includes(grantee);
}

/** Whether somebody may give or take a role, or invite to it. */
export function mayGive(grantee: Grantee, role: Role): boolean {
	return allows(role === 'owner' ? 'owners:manage' : 'members:manage', grantee);
}
