import type {FullKey} from '../../../../contract/keys.ts';
import type {ListSource} from '../../../app/list-source.ts';
import {all} from '../../../client/pages.ts';

/** The API keys of an organisation. */
export const keysList: ListSource<FullKey> = {
	of: 'organisation',
	readers: 'keys:read',
	async read({client, org_id}, onPart) {
		// `view=full` is answered with full keys; the route's type also has the published ones.
		const keys = await all(client, 'listKeys', {org_id, query: {view: 'full'}}, (some) =>
			onPart(some as readonly FullKey[]),
		);
		return keys as readonly FullKey[];
	},
};
