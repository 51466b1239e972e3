import type {ChooseLogInScreen} from './choose/screen.ts';
import type {Screen} from '../../app/screens.ts';
import type {Model} from '../../app/model.ts';
import {type LogInScreen, newLogInScreen} from './password/screen.ts';
import {newChooseLogInScreen} from './choose/state.ts';

/** The first screen of a log-in: a choice, if there is more than one way. */
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
