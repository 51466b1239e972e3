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
	/** Anybody may, on their own: it is about nobody else. */
	'members:leave': ['owner', 'admin', 'developer', 'viewer', 'verifier'],
	'members:manage': ['owner', 'admin'],
	/** Giving and taking the role owner. */
	'owners:manage': ['owner'],
	'keys:read': ['owner', 'admin', 'developer', 'viewer'],
	/** How often keys are checked, for what, and from where. */
	'usage:read': ['owner', 'admin', 'developer', 'viewer'],
	'keys:create': ['owner', 'admin', 'developer'],
	'keys:revoke': ['owner', 'admin', 'developer'],
	'keys:update': ['owner', 'admin', 'developer'],
	/** Suspending, and resuming. */
	'keys:suspend': ['owner', 'admin', 'developer'],
	/** Replacing a key by another one, and ending or cancelling that. */
	'keys:rotate': ['owner', 'admin', 'developer'],
	/** Changing what was used of a quota. */
	'keys:quota': ['owner', 'admin'],
	'key_roles:read': ['owner', 'admin', 'developer', 'viewer'],
	'key_roles:manage': ['owner', 'admin'],
	'key_policy:read': ['owner', 'admin', 'developer', 'viewer'],
	'key_policy:manage': ['owner', 'admin'],
	/** What the appliance asks of every organisation. */
	'key_policy:appliance': ['operator'],
	'shared_limits:read': ['owner', 'admin', 'developer', 'viewer'],
	'shared_limits:manage': ['owner', 'admin'],
	'keys:verify': ['owner', 'admin', 'developer', 'verifier', 'key'],
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
/** What somebody is where they act: a role in the organisation, an operator, or an API key of it. */
export type ActingRole = Role | 'operator' | 'key';

export function allows(permission: Permission, role: ActingRole): boolean {
	if (role === 'operator') return true;
	const allowed: readonly ActingRole[] = permissions[permission];
	return allowed.includes(role);
}

/** Whether somebody may give or take a role, or invite to it. */
export function mayGive(own: ActingRole, role: Role): boolean {
	return allows(role === 'owner' ? 'owners:manage' : 'members:manage', own);
}
