import {changing, commonCommand, commonContexts} from '../../app/common-commands.ts';
import {
	bodyRows,
	canChange,
	type Model,
	push,
	setTop,
	type SettingsScreen,
} from '../../app/model.ts';
import type {ScreenKind} from '../../app/screen.ts';
import {scrolled} from '../../components/scroll.ts';
import type {TableCommand} from '../../components/table/state.ts';
import {belongsTo, commandFor} from '../../keymap.ts';
import {newChangePasswordScreen} from '../change-password/state.ts';
import {openList} from '../list/rows.ts';
import {settingsLines} from './lines.ts';

const contexts = ['settings', 'list', 'back', 'screens', 'everywhere'] as const;

export const settingsKind: ScreenKind<SettingsScreen> = {
	title: () => 'settings',
	contexts: () => contexts,
	typing: () => false,
	unavailable: (_screen, model) => (canChange(model) ? [] : ['changePassword']),
	onKey(model, screen, key, now) {
		const command = commandFor(contexts, key);
		if (command === undefined) return [model];
		if (belongsTo(commonContexts, command)) return commonCommand(model, command, now);
		if (belongsTo(['list'], command)) return [scroll(model, screen, command)];
		switch (command) {
			case 'changePassword':
				return changing(model, now, () => [push(model, newChangePasswordScreen())]);
			case 'showSessions':
				return openList(model, 'sessions');
		}
	},
};

function scroll(model: Model, screen: SettingsScreen, command: TableCommand): Model {
	const room = bodyRows(model);
	const lastOffset = Math.max(0, settingsLines(model).length - room);
	const offset = scrolled(Math.min(screen.offset, lastOffset), command, {room, lastOffset});
	return setTop(model, {...screen, offset});
}
