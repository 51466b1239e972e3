import {commonCommand, commonContexts} from '../../app/common-commands.ts';
import {setTop, type SourcesScreen, tableHeight} from '../../app/model.ts';
import type {ScreenKind} from '../../app/screen.ts';
import {moveTable} from '../../components/table/state.ts';
import {belongsTo, commandFor} from '../../keymap.ts';
import {copyId} from '../keys/state.ts';

const contexts = ['sources', 'list', 'back', 'screens', 'everywhere'] as const;

export const sourcesKind: ScreenKind<SourcesScreen> = {
	title: () => 'sources',
	contexts: () => contexts,
	typing: () => false,
	onKey(model, screen, key, now) {
		const command = commandFor(contexts, key);
		const rows = model.sources.items;
		if (command === undefined) return [model];
		if (belongsTo(['list'], command)) {
			const table = moveTable(screen.table, rows, tableHeight(model), command);
			return [setTop(model, {...screen, table})];
		}
		if (belongsTo(commonContexts, command)) return commonCommand(model, command, now);
		const source = rows[screen.table.index];
		return source === undefined ? [model] : copyId(model, source.id, now);
	},
};
