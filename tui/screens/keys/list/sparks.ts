import type {FullKey} from '../../../../contract/keys.ts';
import type {Model, Step} from '../../../app/model.ts';
import {hasPane, may, paneWidth, tableHeight} from '../../../app/navigation.ts';
import type {Column} from '../../../components/table/columns.ts';
import {sparseLine} from '../../../text/sparkline.ts';
import type {Glyphs} from '../../../glyphs.ts';
import {sparksDue, sparkWidth} from '../../../usage/sparks.ts';
import type {TableScreen} from '../../kinds/list/screen.ts';

/** From so many columns of the table on there is room for it beside the rest. */
const from = 86;

/** The use of the last 24 hours, of the keys in view. */
export function sparkColumn(model: Model, {bars}: Pick<Glyphs, 'bars'>): Column<FullKey>[] {
	if (!may(model, 'usage:read')) return [];
	const {read} = model.sparks;
	return [
		{
			title: 'LAST 24 H',
			width: sparkWidth,
			from,
			cell: ({id}) => [sparseLine(read.get(id)?.counts ?? [], bars), 'key'],
		},
	];
}

/** Reads it for the rows in view, where the column is shown and they are not fresh. */
export function readSparksOnceDue(model: Model, screen: TableScreen<'keys'>, now: number): Step {
	const {organisation, sparks, epoch, size} = model;
	const width = hasPane(model) ? size.columns - paneWidth(model) : size.columns;
	if (organisation === undefined || width < from || !may(model, 'usage:read')) return [model];
	const {offset} = screen.table;
	const inView = screen.visible.slice(offset, offset + tableHeight(model)).map(({id}) => id);
	const ids = sparksDue(sparks, inView, now);
	if (ids.length === 0) return [model];
	return [
		{...model, sparks: {...sparks, askedAt: now, waiting: true}},
		{do: 'readSparks', organisation: organisation.id, ids, epoch},
	];
}
