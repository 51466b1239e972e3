import type {ChooseLogInScreen, LogInScreen, Model, Screen} from '../app/model.ts';
import {newChooseLogInScreen} from './choose-log-in/state.ts';
import {newLogInScreen} from './log-in/state.ts';

/** Where logging in begins: with a choice, where there is one. */
export function firstLogInScreen(
	{providers}: Pick<Model, 'providers'>,
	reason?: string,
	email?: string,
): ChooseLogInScreen | LogInScreen {
	return providers.length === 0
		? newLogInScreen(reason, email)
		: newChooseLogInScreen(providers, reason, email);
}

/** Whether a screen is a part of logging in. */
export function isLogIn(screen: Screen): boolean {
	const isCode = screen.type === 'form' && screen.name === 'useCode';
	return isCode || ['chooseLogIn', 'device', 'logIn'].includes(screen.type);
}
