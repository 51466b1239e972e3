import type {SettingsScreen} from '../../app/model.ts';

export function newSettingsScreen(): SettingsScreen {
	return {type: 'settings', offset: 0};
}
