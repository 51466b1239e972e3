import type {Delivery} from '../../../../contract/webhooks.ts';
import {type ListSource, pageOf, placed} from '../../../app/list-source.ts';

/** A followed list changes mostly at its top, and is read often. */
const followedPage = '50';

/** What was sent to the endpoints of an organisation, newest first. */
export const deliveriesList: ListSource<Delivery> = {
	of: 'organisation',
	readers: 'webhooks:read',
	async readPage({client, org_id, query, cursor, after}) {
		const size = after === undefined ? pageOf(cursor) : {limit: followedPage};
		const page = {...query, ...size};
		const {body: items, next} = await client.call('listDeliveries', {org_id, query: page});
		return placed(cursor, {items, next});
	},
};
