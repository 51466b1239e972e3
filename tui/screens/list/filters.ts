import type {Items, TableName} from '../../app/model.ts';
import {parseAuditFilter} from '../../audit-filter.ts';
import {parseDeliveryFilter} from '../deliveries/filter.ts';
import {hasWords, type ListFilter} from './filter.ts';

/** Reads a filter of a list; `now` is what a time such as `1h` is counted from. */
type ParseFilter<Item> = (text: string, now: number) => ListFilter<Item>;

/** Lists that take more than words. */
const parsers: {readonly [List in TableName]?: ParseFilter<Items[List]>} = {
	audit: parseAuditFilter,
	applianceAudit: parseAuditFilter,
	deliveries: parseDeliveryFilter,
};

export function parseFilter<List extends TableName>(
	list: List,
	text: string,
	now: number,
): ListFilter<Items[List]> {
	const parse: ParseFilter<Items[List]> | undefined = parsers[list];
	return parse?.(text, now) ?? {query: {}, test: hasWords(text)};
}
