import {isTable} from '../../../app/screens.ts';
import {load} from '../../../app/loading.ts';
import {setTop, tableHeight, top} from '../../../app/navigation.ts';
import type {Model, Step} from '../../../app/model.ts';
import {moveTable} from '../../../components/table/state.ts';
import {withSeen} from './rows.ts';

/** Follows the list on the screen from its first row; on the first row already, no longer. */
export function follow(model: Model): Step {
	const screen = top(model);
	if (!isTable(screen)) return [model];
	if (screen.follow === true && screen.table.index === 0) {
		return [setTop(model, {...screen, follow: false})];
	}
	const table = moveTable(screen.table, screen.visible, tableHeight(model), 'first');
	const followed = setTop(model, withSeen({...screen, follow: true, table}));
	return load({...followed, paused: false}, screen.type);
}
