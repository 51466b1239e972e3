import type {KeyDetail} from '../../contract/keys.ts';

/* A key without scopes and without roles may be used for everything. */

type Rights = Pick<KeyDetail, 'scopes' | 'roles'>;
type Changes = {
	readonly scopes?: readonly string[] | null | undefined;
	readonly roles?: readonly string[] | null | undefined;
};

/** Whether a change takes the roles of a key, and leaves nothing that restricts what it may be used for. */
export function losesRestriction(key: Rights, changes: Changes): boolean {
	const {scopes = key.scopes, roles = key.roles} = changes;
	return key.roles.length > 0 && (roles ?? []).length === 0 && scopes === null;
}

/** Why it is not restricted then, as a sentence. */
export function whyUnrestricted({roles}: Rights): string {
	const lost = roles.length === 1 ? 'its last role' : 'its roles';
	return `It loses ${lost}, ${roles.join(', ')}, and has no scopes of its own.`;
}
