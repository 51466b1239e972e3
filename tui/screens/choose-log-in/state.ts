import {type ChooseLogInScreen, push, setTop} from '../../app/model.ts';
import type {ScreenKind} from '../../app/screen.ts';
import {commandFor} from '../../keymap.ts';
import {newLogInScreen} from '../log-in/state.ts';
import {startUseCode} from '../use-code/start.ts';

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
	contexts: () => ['choice', 'haveCode', 'stop'],
	typing: () => true,
	onKey(model, screen, key, now) {
		if (screen.busy) return [model];
		const {problem: _, ...rest} = screen;
		// The last two are by email and password, and with a code.
		const byPassword = screen.providers.length;
		const count = byPassword + 2;
		const move = (by: number) =>
			setTop(model, {...rest, choice: (screen.choice + by + count) % count});
		switch (commandFor(['choice', 'haveCode'], key)) {
			case 'down':
				return [move(1)];
			case 'up':
				return [move(-1)];
			case 'submit': {
				const provider = screen.providers[screen.choice];
				if (screen.choice === byPassword) {
					return [push(setTop(model, rest), newLogInScreen(undefined, screen.email))];
				}
				if (provider === undefined) return startUseCode(setTop(model, rest), now);
				return [setTop(model, {...rest, busy: true}), {do: 'startDeviceLogin', provider}];
			}
			case 'useCode':
				return startUseCode(setTop(model, rest), now);
			case undefined:
				return [model];
		}
	},
};
