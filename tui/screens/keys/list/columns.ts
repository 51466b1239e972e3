import type {FullKey} from '../../../../contract/keys.ts';
import {idHint} from '../../../text/id-hint.ts';
import {everyTerm, termLabels} from '../../../api-keys/terms.ts';
import type {Model} from '../../../app/model.ts';
import {refusesKeys} from '../../../app/navigation.ts';
import type {Column} from '../../../components/table/columns.ts';
import {clean} from '../../../text/clean.ts';
import {ago, date, minute} from '../../../text/time.ts';
import {hintText} from '../key/facts.ts';
import type {Glyphs} from '../../../glyphs.ts';
import {keyValues} from '../../../api-keys/order.ts';
import {keyStatus} from '../key/status.ts';
import {sparkColumn} from './sparks.ts';

/** From this many columns on there is room for the time besides the date. */
const timesFrom = 150;

export function keyTableColumns(
	model: Model,
	width: number,
	glyphs: Pick<Glyphs, 'bars'>,
): Column<FullKey>[] {
	const {now} = model;
	return [
		{title: 'NAME', value: (key) => keyValues.name(key, now), cell: ({name}) => [clean(name)]},
		{
			title: 'STATUS',
			width: 10,
			value: (key) => keyValues.status(key, now),
			cell: (key) => keyStatus(key, now, refusesKeys(model)),
		},
		{
			title: 'LAST USED',
			width: 11,
			value: (key) => keyValues.used(key, now),
			descending: true,
			cell: ({last_used_at}) => [ago(last_used_at, now), last_used_at === null ? 'dim' : 'plain'],
		},
		{
			title: 'HINT',
			width: 13,
			from: 72,
			value: ({hint}) => (hint === '' ? null : hint),
			cell: ({hint}) => [hintText(hint), 'dim'],
		},
		...everyTerm.flatMap(({column}) =>
			column === undefined
				? []
				: [
						{
							...column,
							value: (key: FullKey) => keyValues[column.by](key, now),
							cell: (key: FullKey) => column.cell(key, now),
						},
					],
		),
		...sparkColumn(model, glyphs),
		{
			title: 'CREATED',
			width: width < timesFrom ? 10 : 16,
			// With the name in less room than this, when it was made says little.
			from: 112,
			value: (key) => keyValues.created(key, now),
			descending: true,
			cell: ({created_at}) => [width < timesFrom ? date(created_at) : minute(created_at), 'dim'],
		},
		{
			title: 'MADE BY',
			width: 20,
			from: 150,
			value: ({creator}) => creator?.name ?? null,
			cell: ({creator}) => [creator === null ? '-' : clean(creator.name), 'dim'],
		},
		{title: 'TERMS', width: 19, from: 120, cell: (key) => [termLabels(key, now)]},
		{title: 'ID', width: 9, from: 134, cell: ({id}) => [`…${idHint(id)}`, 'dim']},
	];
}
