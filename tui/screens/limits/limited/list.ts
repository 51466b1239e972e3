import type {ListedLimitedKey} from '../../../../contract/key-limits.ts';
import type {ListSource} from '../../../app/list-source.ts';
import {all} from '../../../client/pages.ts';

/** Keys that were refused for a limit or a quota in the last minute. */
export const limitedKeysList: ListSource<ListedLimitedKey> = {
	of: 'organisation',
	readers: 'keys:read',
	read: ({client, org_id}) => all(client, 'listLimitedKeys', {org_id}),
};
