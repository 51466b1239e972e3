import type {Role} from '../../contract/people.ts';

/** What each role may do, as docs/people.md says it; each may what the one below may, too. */
export const roleMeanings: Readonly<Record<Role, string>> = {
	owner: 'also gives and takes the role owner',
	admin: 'also manages members, webhooks and service accounts',
	developer: 'also creates and revokes keys, writes sources',
	viewer: 'sees keys, sources and members',
};
