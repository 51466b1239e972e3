import type {AuditList} from '../list/list.ts';
import type {Items} from '../../../app/lists.ts';

/** All of one entry of the audit trail; entries never change. */
export type AuditEntryScreen = {
	readonly type: 'auditEntry';
	/** Where it is from. */
	readonly list: AuditList;
	readonly entry: Items['audit'];
	/** First line shown. */
	readonly offset: number;
};
