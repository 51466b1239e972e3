import type {Column} from '../../../components/table/columns.ts';
import {clean} from '../../../text/clean.ts';
import type {Glyphs} from '../../../glyphs.ts';
import {type GroupRow, isRest} from '../../../usage/groups.ts';
import {countColumns, trendColumn} from '../shared/cells.ts';

/** The keys that are used most. */
export function keyColumns(glyphs: Pick<Glyphs, 'bars'>): Column<GroupRow>[] {
	return [
		{
			title: 'TOP KEYS',
			cell: (row) => (isRest(row) ? ['other keys', 'dim'] : [clean(row.name ?? row.group ?? '')]),
		},
		...countColumns<GroupRow>(glyphs),
		trendColumn(glyphs, 100),
	];
}
