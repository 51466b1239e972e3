import * as z from 'zod';
import {roleName} from './key-role-names.ts';
import {roleScopeList} from './scopes.ts';
import {maxNoteLength, name, timestamp} from './text.ts';

/* Roles of keys: scopes under a name, which are changed in one place for all keys that have it. */

const description = name('description', maxNoteLength).nullable().optional();

export const createKeyRoleRequest = z.strictObject({
	name: roleName('name'),
	description,
	scopes: roleScopeList('scopes'),
});

/** What is not named stays as it is (RFC 7396). */
export const updateKeyRoleRequest = z.strictObject({
	name: roleName('name').optional(),
	description,
	scopes: roleScopeList('scopes').optional(),
});

export const keyRoleMembers = {
	id: z.uuid(),
	name: z.string(),
	description: z.string().nullable(),
	scopes: z.array(z.string()),
	created_at: timestamp,
	updated_at: timestamp,
};

export const keyRole = z.strictObject({
	...keyRoleMembers,
	/** How many keys have it; those that are revoked, or were rotated and are refused, do not count. */
	keys: z.int(),
});

export const keyRoleList = z.array(keyRole);

export const keyRoleDeleted = z.strictObject({message: z.literal('Role deleted successfully')});

/** What can be changed of a role, as it was before. */
export const previousOfRole = z.strictObject({
	name: z.string().optional(),
	description: z.string().nullable().optional(),
	scopes: z.array(z.string()).optional(),
});

export type KeyRole = z.infer<typeof keyRole>;
export type KeyRoleChanges = z.output<typeof updateKeyRoleRequest>;
