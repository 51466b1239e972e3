import {keymap} from '../../../keyboard/keymap.ts';
import type {ChooseLogInScreen} from './screen.ts';
import {push, setTop, top} from '../../../app/navigation.ts';
import type {ScreenKind} from '../../../app/screen-kind.ts';
import {stepped} from '../../../components/choosing.ts';
import {commandFor} from '../../../keyboard/keymap.ts';
import {newDeviceScreen} from '../device/state.ts';
import {newLogInScreen} from '../password/screen.ts';
import {startUseCode} from '../use-code/start.ts';

/** @param email of whoever was logged in before */
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
	contexts: () => [keymap.choice, keymap.haveCode, keymap.stop],
	typing: () => true,
	view: async () => (await import('./choose-log-in.tsx')).ChooseLogInView,
	busy: ({busy}) => busy,
	onAnswer(model, screen, event, {now}) {
		// Cancelled, or logged in otherwise, in the meantime.
		if (event.type !== 'deviceStarted' || top(model) !== screen) return undefined;
		const idle = setTop(model, {...screen, busy: false});
		return [push(idle, newDeviceScreen(event.provider, event.login, now))];
	},
	onFailure: (model, screen, {problem}) => setTop(model, {...screen, busy: false, problem}),
	onKey(model, screen, key, now) {
		if (screen.busy) return [model];
		const {problem: _, ...rest} = screen;
		// The last two are by email and password, and with a code.
		const byPassword = screen.providers.length;
		const count = byPassword + 2;
		const move = (by: number) =>
			setTop(model, {...rest, choice: stepped(screen.choice, by, count)});
		switch (commandFor([keymap.choice, keymap.haveCode], key)) {
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
