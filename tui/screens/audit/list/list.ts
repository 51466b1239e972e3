import type {AuditEntry} from '../../../../contract/audit-trail.ts';
import {
	furtherPage,
	type ListSource,
	pageOf,
	type Place,
	placed,
	type Row,
} from '../../../app/list-source.ts';
import type {Page} from '../../../app/pages.ts';
import type {Answer} from '../../../client/answer.ts';
import type {Query} from '../../../text/filter-grammar.ts';

type Entry = Row<AuditEntry>;

/** The trail of the organisation, and that of the appliance itself. */
export type AuditList = 'audit' | 'applianceAudit';

export const auditList: ListSource<Entry> = {
	of: 'organisation',
	readers: 'audit:read',
	readPage({client, org_id, query, ...place}) {
		// The name of whom or what it is narrowed to is for the console alone.
		const {name: _, ...asked} = query ?? {};
		return readTrail(place, (page) =>
			client.call('listAudit', {org_id, query: {...asked, ...page}}),
		);
	},
};

export const applianceAuditList: ListSource<Entry> = {
	of: 'user',
	readers: 'audit:appliance',
	readPage: ({client, query, ...place}) =>
		readTrail(place, (page) => client.call('listApplianceAudit', {query: {...query, ...page}})),
};

async function readTrail(
	{cursor, after}: Place,
	ask: (page: Query) => Promise<Answer<'listAudit' | 'listApplianceAudit'>>,
): Promise<Page<Entry>> {
	const read = async (page: Query) => {
		const {body, next} = await ask(page);
		return {items: body.map((entry) => ({...entry, id: String(entry.sequence)})), next};
	};
	if (after !== undefined) {
		const {items, next} = await read({limit: furtherPage, after});
		// More than a page since the last time: it is read anew from the top.
		if (next === undefined) return {items: items.toReversed(), place: 'above'};
	}
	return placed(cursor, await read(pageOf(cursor)));
}
