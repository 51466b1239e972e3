import {type ChooseLogInScreen, push, setTop} from '../../app/model.ts';
import type {ScreenKind} from '../../app/screen.ts';
import {commandFor} from '../../keymap.ts';
import {newLogInScreen} from '../log-in/state.ts';

/** @param email of the one who was logged in before */
export function newChooseLogInScreen(
	providers: readonly string[],
	reason?: string,
	email?: string,
): ChooseLogInScreen {
	return {
		type: 'chooseLogIn',
		providers,
		choice: 0,
		busy: false,
		...(reason === undefined ? {} : {reason}),
		...(email === undefined ? {} : {email}),
	};
}

export const chooseLogInKind: ScreenKind<ChooseLogInScreen> = {
	title: () => 'log in',
	contexts: () => ['choice', 'stop'],
	typing: () => true,
	onKey(model, screen, key) {
		if (screen.busy) return [model];
		const {problem: _, ...rest} = screen;
		// The last one is by email and password.
		const count = screen.providers.length + 1;
		const move = (by: number) =>
			setTop(model, {...rest, choice: (screen.choice + by + count) % count});
		switch (commandFor(['choice'], key)) {
			case 'down':
				return [move(1)];
			case 'up':
				return [move(-1)];
			case 'submit': {
				const provider = screen.providers[screen.choice];
				if (provider === undefined) {
					return [push(setTop(model, rest), newLogInScreen(undefined, screen.email))];
				}
				return [setTop(model, {...rest, busy: true}), {do: 'startDeviceLogin', provider}];
			}
			case undefined:
				return [model];
		}
	},
};
