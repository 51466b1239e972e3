import type {KeyPolicy} from '../../contract/key-policies.ts';

/* Rows of what keys go by beside their own: roles and policies. */

export type KeyRoleRow = {
	id: string;
	organisation_id: string;
	name: string;
	description: string | null;
	scopes: string[];
	version: number;
	created_at: Date;
	updated_at: Date;
};

export type KeyRoleMemberRow = {key_id: string; role_id: string};

export type KeyPolicyRow = KeyPolicy & {
	/** Null: of the appliance. */
	organisation_id: string | null;
	version: number;
	updated_at: Date;
};
