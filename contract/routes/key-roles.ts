import * as roles from '../key-roles.ts';
import {pageQuery} from '../paging.ts';
import type {Routes} from '../route.ts';

export const keyRolesRoutes = {
	listKeyRoles: {
		method: 'GET',
		path: '/api/v1/organizations/:org_id/key-roles',
		credentials: 'jwt',
		permission: 'key_roles:read',
		query: pageQuery,
		tagged: true,
		status: 200,
		response: roles.keyRoleList,
		summary: 'Roles for the keys of an organisation, newest first',
	},
	createKeyRole: {
		method: 'POST',
		path: '/api/v1/organizations/:org_id/key-roles',
		credentials: 'jwt',
		permission: 'key_roles:manage',
		body: roles.createKeyRoleRequest,
		status: 201,
		response: roles.keyRole,
		summary: 'Create a role: scopes under a name, for keys to have',
	},
	getKeyRole: {
		method: 'GET',
		path: '/api/v1/organizations/:org_id/key-roles/:role_id',
		notFound: 'key_role_not_found',
		credentials: 'jwt',
		permission: 'key_roles:read',
		status: 200,
		response: roles.keyRole,
		summary: 'One role, with how many keys have it',
	},
	updateKeyRole: {
		method: 'PATCH',
		path: '/api/v1/organizations/:org_id/key-roles/:role_id',
		notFound: 'key_role_not_found',
		credentials: 'jwt',
		permission: 'key_roles:manage',
		body: roles.updateKeyRoleRequest,
		mergePatch: true,
		status: 200,
		response: roles.keyRole,
		summary: 'Change a role, and with it what every key that has it may do; at once',
	},
	deleteKeyRole: {
		method: 'DELETE',
		path: '/api/v1/organizations/:org_id/key-roles/:role_id',
		notFound: 'key_role_not_found',
		credentials: 'jwt',
		permission: 'key_roles:manage',
		status: 200,
		response: roles.keyRoleDeleted,
		summary: 'Delete a role that no key has any more',
	},
} as const satisfies Routes;
