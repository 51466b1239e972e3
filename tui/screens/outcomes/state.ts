import {bodyRows, type OutcomesScreen, pop, setTop} from '../../app/model.ts';
import type {ScreenKind} from '../../app/screen.ts';
import {commonCommand, commonContexts} from '../../app/common-commands.ts';
import {moveTable} from '../../components/table/state.ts';
import {belongsTo, commandFor} from '../../keymap.ts';

const contexts = ['outcomes', 'list', 'back', 'screens', 'everywhere'] as const;

export const outcomesKind: ScreenKind<OutcomesScreen> = {
	title: () => 'revoked',
	contexts: () => contexts,
	typing: () => false,
	onKey(model, screen, key, now) {
		const command = commandFor(contexts, key);
		if (command === undefined) return [model];
		if (belongsTo(['list'], command)) {
			const rows = screen.outcomes.map(({key: {id}}) => ({id}));
			const height = bodyRows(model) - 2;
			const {index} = moveTable({index: screen.offset, offset: 0}, rows, height, command);
			const offset = Math.max(0, Math.min(index, rows.length - height));
			return [setTop(model, {...screen, offset})];
		}
		return belongsTo(commonContexts, command) ? commonCommand(model, command, now) : [pop(model)];
	},
};
