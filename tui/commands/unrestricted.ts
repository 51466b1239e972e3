import {losesRestriction, whyUnrestricted} from '../api-keys/unrestricted.ts';
import {Failure} from '../failure.ts';
import {clean} from '../text/clean.ts';
import type {Context} from './command.ts';
import {agrees} from './confirm.ts';

type Changes = Parameters<typeof losesRestriction>[1];
type Place = {org_id: string; key_id: string};

/**
 * Whether a change may be sent: one that takes the last role of a key without scopes of its own leaves
 * nothing that restricts it, and is asked about. `tag` is of the key as it was then, where it was read.
 *
 * @throws {Failure} usage, where nobody is there to ask
 */
export async function mayLift(
	context: Context,
	place: Place,
	changes: Changes,
): Promise<{agreed: boolean; tag?: string}> {
	const {client, flags, terminal} = context;
	const {roles} = changes;
	const losesRoles = roles === null || roles?.length === 0;
	if (!losesRoles || flags['yes'] === true) return {agreed: true};
	const {body: key, tag} = await client.call('getKey', place);
	const asRead = tag === undefined ? {} : {tag};
	if (!losesRestriction(key, changes)) return {agreed: true, ...asRead};
	const why = `${whyUnrestricted(key)} It could then be used for everything.`;
	if (terminal.stdin.isTTY !== true || terminal.stderr.isTTY !== true) {
		throw new Failure('usage', `${clean(key.name)} would no longer be restricted. ${why}`, {
			hint: 'Add --yes if that is what you want, or --scopes none for a key that may do nothing.',
		});
	}
	const question = `${why} Let ${clean(key.name)} be used for everything?`;
	return {agreed: await agrees(context, question), ...asRead};
}
