import {pop, push, setTop, top} from '../../../app/navigation.ts';
import type {Model} from '../../../app/model.ts';
import {newLogInScreen} from '../password/screen.ts';

/** A new password does not open a session: back to the log-in. */
export function passwordSet(model: Model): Model {
	const under = pop(model);
	const logIn = newLogInScreen('Your new password is set: log in with it.', under.me?.email);
	return top(under).type === 'chooseLogIn' ? push(under, logIn) : setTop(under, logIn);
}
