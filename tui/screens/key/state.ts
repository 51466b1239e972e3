import type {FullKey} from '../../../contract/keys.ts';
import {commonCommand, commonContexts, changing} from '../../app/common-commands.ts';
import {
	type KeyScreen,
	type KeysScreen,
	type Model,
	readKey,
	type Step,
	tableHeight,
} from '../../app/model.ts';
import type {ScreenKind} from '../../app/screen.ts';
import {moveTable} from '../../components/table/state.ts';
import {belongsTo, commandFor} from '../../keymap.ts';
import {keyUnderCursor} from '../keys/rows.ts';
import {copyId, mayRevoke, startRevoke} from '../keys/state.ts';

const contexts = ['key', 'back', 'screens', 'everywhere'] as const;

export function keyOf(model: Model, {id}: KeyScreen): FullKey | undefined {
	return model.keys.items.find((key) => key.id === id);
}

export const keyKind: ScreenKind<KeyScreen> = {
	title: (screen, model) => keyOf(model, screen)?.name ?? 'key',
	contexts: () => contexts,
	typing: () => false,
	unavailable: (screen, model) => (mayRevoke(model, keyOf(model, screen)) ? [] : ['revoke']),
	onKey(model, screen, key, now) {
		const command = commandFor(contexts, key);
		if (command === undefined) return [model];
		if (belongsTo(commonContexts, command)) return commonCommand(model, command, now);
		switch (command) {
			case 'revoke':
				return changing(model, now, () => startRevoke(model, keyOf(model, screen), now));
			case 'copy':
				return copyId(model, screen.id, now);
			case 'next':
				return step(model, 'down');
			case 'previous':
				return step(model, 'up');
		}
	},
};

/** The neighbour in the list underneath, whose cursor goes along. */
function step(model: Model, direction: 'down' | 'up'): Step {
	const under = model.screens.at(-2);
	if (under?.type !== 'keys') return [model];
	const table = moveTable(under.table, under.visible, tableHeight(model), direction);
	const list: KeysScreen = {...under, table};
	const key = keyUnderCursor(list);
	if (key === undefined) return [model];
	const screens = [...model.screens.slice(0, -2), list, {type: 'key', id: key.id} as const];
	return [{...model, screens}, ...readKey(model, key.id)];
}
