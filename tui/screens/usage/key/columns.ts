import type {Column} from '../../../components/table/columns.ts';
import {clean} from '../../../text/clean.ts';
import {ago} from '../../../text/time.ts';
import type {Glyphs} from '../../../glyphs.ts';
import {type AddressRow, isOnlyRefused, isRest} from '../../../usage/groups.ts';
import {countColumns, trendColumn} from '../shared/cells.ts';

/** From where a key is used. */
export function addressColumns(now: number, glyphs: Pick<Glyphs, 'bars'>): Column<AddressRow>[] {
	return [
		{
			title: 'FROM',
			cell: (row) => {
				const text = isRest(row) ? 'others' : (row.group ?? 'nobody said');
				const role = isOnlyRefused(row)
					? 'bad'
					: isRest(row) || row.group === null
						? 'dim'
						: 'plain';
				return [clean(text), role];
			},
		},
		...countColumns<AddressRow>(glyphs),
		{
			title: 'LAST CALL',
			width: 11,
			cell: ({last}) => (last === undefined ? ['-', 'dim'] : [ago(last, now)]),
		},
		{
			title: 'FIRST',
			width: 11,
			from: 116,
			cell: ({first}) => [first === undefined ? '-' : ago(first, now), 'dim'],
		},
		{title: 'PROGRAM', width: 24, from: 90, cell: ({agents}) => [clean(agents[0] ?? '-'), 'dim']},
		trendColumn(glyphs, 142),
	];
}
