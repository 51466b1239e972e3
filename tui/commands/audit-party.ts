import type {AuditEntry} from '../../contract/audit-trail.ts';
import {pages} from '../client/pages.ts';
import {asFailure} from '../failure.ts';
import type {Context} from './command.ts';
import {textFlag} from './flags.ts';
import {findKeyId} from './key-id.ts';
import {isId} from './named.ts';
import {personIn} from './person.ts';

/** Somebody or something that entries are wanted of: by its id, where that is known, else by its name. */
export type Party = {readonly id: string} | {readonly name: string};

/**
 * Who `--actor` or `--target` names: an id, an email, the name of a key. What is none of them any more
 * is looked for by the name that entries have it under.
 *
 * @throws {Failure} usage, when a name fits several keys
 */
export async function partyOf(
	context: Context,
	option: 'actor' | 'target',
	org_id: string | undefined,
): Promise<Party | undefined> {
	const wanted = textFlag(context.flags, option);
	if (wanted === undefined) return undefined;
	if (isId(wanted)) return {id: wanted.toLowerCase()};
	const id = await idOf(context, wanted, org_id);
	return id === undefined ? {name: wanted.toLowerCase()} : {id};
}

async function idOf(
	{client}: Context,
	wanted: string,
	org_id: string | undefined,
): Promise<string | undefined> {
	try {
		if (org_id === undefined) {
			if (!wanted.includes('@')) return undefined;
			return await personIn(wanted, pages(client, 'listUsers', {}), ({id}) => id);
		}
		if (!wanted.includes('@')) return await findKeyId(client, org_id, wanted);
		const members = pages(client, 'listMembers', {org_id});
		return await personIn(wanted, members, ({user_id}) => user_id);
	} catch (error) {
		const failure = asFailure(error);
		if (failure.kind === 'refused' && failure.details.status !== 401) return undefined;
		throw error;
	}
}

/** Whether an entry has this name for who did something, or for what it was done to. */
export function isParty(party: Party | undefined, of: AuditEntry['actor']): boolean {
	if (party === undefined || 'id' in party) return true;
	const known = [of['name'], of['id']];
	return known.some((each) => typeof each === 'string' && each.toLowerCase() === party.name);
}
