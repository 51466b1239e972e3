import type {TableName} from '../../../app/lists.ts';
import type {Model} from '../../../app/model.ts';
import {hasPane, paneWidth} from '../../../app/navigation.ts';
import {arrangementOf} from '../list/arrangement.ts';

/** The columns that a table has beside the pane, if there is one. */
export function tableWidth(model: Model, list: TableName): number {
	const isWide = arrangementOf(model, list).wide === true;
	return model.size.columns - (hasPane(model) && !isWide ? paneWidth(model) : 0);
}
