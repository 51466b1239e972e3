import {settingsBindings} from './bindings.ts';
import {keymap} from '../../../keyboard/keymap.ts';
import {changing} from '../../../app/guards.ts';
import {bodyRows, canChange, push, say, setTop} from '../../../app/navigation.ts';
import {newSettingsScreen, type SettingsScreen} from './screen.ts';
import type {Model, Step} from '../../../app/model.ts';
import {isThemeName, themes} from '../../../theme-name.ts';
import type {ScreenKind} from '../../../app/screen-kind.ts';
import {scrolled} from '../../../components/scroll.ts';
import type {TableCommand} from '../../../components/table/state.ts';
import {commandFor} from '../../../keyboard/keymap.ts';
import {newChangePasswordScreen} from '../../log-in/change-password/state.ts';
import {openList} from '../../kinds/list/open.ts';
import {settingsLines} from './lines.ts';

const contexts = [
	settingsBindings,
	keymap.list,
	keymap.back,
	keymap.screens,
	keymap.everywhere,
] as const;

export const settingsKind: ScreenKind<SettingsScreen> = {
	title: () => 'settings',
	contexts: () => contexts,
	typing: () => false,
	view: async () => (await import('./settings.tsx')).SettingsView,
	place: {
		name: 'settings',
		command: 'showSettings',
		open: (model) => [push(model, newSettingsScreen())],
	},
	unavailable: (_screen, model) => (canChange(model) ? [] : ['changePassword']),
	onKey(model, screen, key, now) {
		const move = commandFor([keymap.list], key);
		if (move !== undefined) return [scroll(model, screen, move)];
		switch (commandFor([settingsBindings], key)) {
			case 'theme':
				return nextTheme(model, now);
			case 'changePassword':
				return changing(model, now, () => [push(model, newChangePasswordScreen())]);
			case 'showSessions':
				return openList(model, 'sessions');
			case undefined:
				return undefined;
		}
	},
};

/** What is seen changes at once; that it is kept is for the next start. */
function nextTheme(model: Model, now: number): Step {
	const names = Object.keys(themes).filter(isThemeName);
	const theme = names[(names.indexOf(model.theme) + 1) % names.length] ?? model.theme;
	return [say({...model, theme}, now, `Theme: ${theme}`), {do: 'keepTheme', theme}];
}

function scroll(model: Model, screen: SettingsScreen, command: TableCommand): Model {
	const room = bodyRows(model);
	const lastOffset = Math.max(0, settingsLines(model).length - room);
	const offset = scrolled(Math.min(screen.offset, lastOffset), command, {room, lastOffset});
	return setTop(model, {...screen, offset});
}
