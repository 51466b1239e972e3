/** `offset` is the first line shown, where not all fit. */
export type SettingsScreen = {readonly type: 'settings'; readonly offset: number};

export function newSettingsScreen(): SettingsScreen {
	return {type: 'settings', offset: 0};
}
