import type {Client} from '../client/client.ts';
import {all} from '../client/pages.ts';
import {isId, theOneNamed} from './named.ts';

/**
 * The id of the key that an id or a name is for: of a name that which still works, where others that had it
 * are revoked.
 *
 * @throws {Failure} usage when a name fits several, refused 404 when it fits none
 */
export async function findKeyId(client: Client, org_id: string, wanted: string): Promise<string> {
	if (isId(wanted)) return wanted.toLowerCase();
	const keys = await all(client, 'listKeys', {org_id, query: {q: wanted}});
	const isNamed = ({name}: {name: string}) => name.toLowerCase() === wanted.toLowerCase();
	const live = keys.filter((key) => isNamed(key) && key.revoked_at === null);
	return theOneNamed(live.length > 0 ? live : keys, wanted, {
		one: 'API key',
		many: 'API keys',
		code: 'api_key_not_found',
		list: 'latchkey keys list',
	});
}
