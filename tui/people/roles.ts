import type {Role} from '../../contract/people.ts';
import {type Permission, permissions} from '../../contract/permissions.ts';

/** What each role may do, as docs/people.md says it; each may what those below may, too. A verifier stands apart. */
export const roleMeanings: Readonly<Record<Role, string>> = {
	owner: 'also gives and takes the role owner',
	admin: 'also manages members, webhooks and service accounts',
	developer: 'also creates and revokes keys, writes sources',
	viewer: 'sees keys, sources and members',
	verifier: 'asks whether a key is valid, and sees nothing else',
};

/** Roles that can give power to others: they are never given by one key too many. */
export const powerfulRoles: readonly Role[] = ['owner', 'admin'];

export function givesPower(role: Role): boolean {
	return powerfulRoles.includes(role);
}

/** `an owner`, `a viewer`. */
export function aRole(role: Role): string {
	return `${/^[aeiou]/.test(role) ? 'an' : 'a'} ${role}`;
}

/** Those who may, of people: `admins and owners`. */
export function whoMay(permission: Permission): string {
	const allowed: readonly string[] = permissions[permission];
	const many = allowed.filter((role) => role !== 'key').map((role) => `${role}s`);
	const [most = '', ...others] = many;
	return others.length === 0 ? most : `${others.toReversed().join(', ')} and ${most}`;
}
