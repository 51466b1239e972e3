import type {ListedSharedLimits} from '../../../../contract/shared-limits.ts';
import type {ListSource, Row} from '../../../app/list-source.ts';
import {all} from '../../../client/pages.ts';
import {ownerText} from '../../../limits/shared.ts';

/** Limits that keys use up together; `id` is that of the owner, or empty for the organisation. */
export type SharedLimitsRow = Row<ListedSharedLimits>;

/** Limits that the keys of the organisation, or of one owner, share. */
export const sharedLimitsList: ListSource<SharedLimitsRow> = {
	of: 'organisation',
	readers: 'shared_limits:read',
	async read({client, org_id}) {
		const rows = await all(client, 'listSharedLimits', {org_id});
		return rows.map((row) => ({...row, id: ownerText(row)}));
	},
};
