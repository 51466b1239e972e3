import type {FullKey} from '../../../../contract/keys.ts';
import {idHint} from '../../../text/id-hint.ts';
import {everyTerm, termLabels} from '../../../api-keys/terms.ts';
import type {Model} from '../../../app/model.ts';
import type {Column} from '../../../components/table/table.tsx';
import {clean} from '../../../text/clean.ts';
import {ago, date, minute} from '../../../text/time.ts';
import {hintText} from '../key/facts.ts';
import {keyStatus} from '../key/status.ts';

/** From this many columns on there is room for the time besides the date. */
const timesFrom = 112;

export function keyTableColumns({now}: Model, width: number): Column<FullKey>[] {
	return [
		{title: 'NAME', by: 'name', cell: ({name}) => [clean(name)]},
		{
			title: 'STATUS',
			width: 10,
			by: 'status',
			cell: (key) => keyStatus(key, now),
		},
		{
			title: 'LAST USED',
			width: 11,
			by: 'used',
			cell: ({last_used_at}) => [ago(last_used_at, now), last_used_at === null ? 'dim' : 'plain'],
		},
		{title: 'HINT', width: 13, from: 72, cell: ({hint}) => [hintText(hint), 'dim']},
		...everyTerm.flatMap(({column}) =>
			column === undefined ? [] : [{...column, cell: (key: FullKey) => column.cell(key, now)}],
		),
		{
			title: 'CREATED',
			width: width < timesFrom ? 10 : 16,
			from: 92,
			by: 'created',
			cell: ({created_at}) => [width < timesFrom ? date(created_at) : minute(created_at), 'dim'],
		},
		{title: 'TERMS', width: 19, from: 120, cell: (key) => [termLabels(key, now)]},
		{title: 'ID', width: 9, from: 104, cell: ({id}) => [`…${idHint(id)}`, 'dim']},
	];
}
