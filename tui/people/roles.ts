import type {Role} from '../../contract/people.ts';

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
