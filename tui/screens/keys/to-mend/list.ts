import type {KeyToMend} from '../../../../contract/key-hygiene.ts';
import {type ListSource, pageOf, placed} from '../../../app/list-source.ts';

/** Live keys of which something is found. */
export const keysToMendList: ListSource<KeyToMend> = {
	of: 'organisation',
	readers: 'keys:read',
	async readPage({client, org_id, query, cursor}) {
		const asked = {org_id, query: {...query, ...pageOf(cursor)}};
		const {body, next} = await client.call('getKeyHygiene', asked);
		return placed(cursor, {items: body.keys, next});
	},
};
