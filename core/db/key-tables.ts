import type {KeyPolicy} from '../../contract/key-policies.ts';
import type {Quota, RateLimit} from '../../contract/rate-limits.ts';

/* Rows of what keys go by beside their own: roles, policies, and limits that they share. */

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

export type SharedLimitsRow = {
	id: string;
	organisation_id: string;
	/** Null: those of the organisation. */
	owner_type: string | null;
	owner_id: string | null;
	rate_limits: RateLimit[];
	quota: Quota | null;
	version: number;
	created_at: Date;
	updated_at: Date;
};
