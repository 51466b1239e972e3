import {pastedKey, prefixesOf} from '../api-keys/pasted.ts';
import type {Client} from '../client/client.ts';
import {all} from '../client/pages.ts';
import type {Context} from './command.ts';
import {onlyArgument} from './flags.ts';
import {isId, theOneNamed} from './named.ts';
import {organisationId} from './organisation.ts';
import {keyAsArgument} from './read-key.ts';

/** How the one key that a command is about is given. */
export const keyPlace = 'ID|NAME';

/** The key that the one argument of a command is for, as `findKeyId` finds it. @throws {Failure} */
export async function keyOf(context: Context): Promise<{org_id: string; key_id: string}> {
	const wanted = onlyArgument(context, 'key');
	const org_id = await organisationId(context);
	return {org_id, key_id: await findKeyId(context.client, org_id, wanted)};
}

/**
 * The id of the key that an id, a name or a hint (how the key begins) is for: of a name that which still
 * works, where others that had it are revoked.
 *
 * @throws {Failure} usage when it fits several, or is a whole key; refused 404 when it fits none
 */
export async function findKeyId(client: Client, org_id: string, wanted: string): Promise<string> {
	if (isId(wanted)) return wanted.toLowerCase();
	if (pastedKey(wanted, prefixesOf([])) !== undefined) {
		throw keyAsArgument('`latchkey keys find -` reads it from stdin and says which one it is.');
	}
	const begins = wanted.replace(/…$/, '');
	const keys = await all(client, 'listKeys', {org_id, query: {q: begins, view: 'full'}});
	const isNamed = ({name}: {name: string}) => name.toLowerCase() === wanted.toLowerCase();
	const live = keys.filter((key) => isNamed(key) && key.revoked_at === null);
	const named = live.length > 0 ? live : keys.filter(isNamed);
	const hinted = keys.filter((key) => 'hint' in key && key.hint === begins);
	const found = named.length > 0 ? named : hinted.map((key) => ({...key, name: wanted}));
	return theOneNamed(found, wanted, {
		one: 'API key',
		many: 'API keys',
		code: 'api_key_not_found',
		list: 'latchkey keys list',
	});
}
