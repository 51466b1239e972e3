import {type Model, pop, push, setTop, top} from '../../app/model.ts';
import {newLogInScreen} from '../log-in/state.ts';

/** A new password opens no session: back to where one logs in with it. */
export function passwordSet(model: Model): Model {
	const screen = top(model);
	if (screen.type !== 'form' || screen.name !== 'useCode') return model;
	const under = pop(model);
	const logIn = newLogInScreen('Your new password is set: log in with it.', under.me?.email);
	return top(under).type === 'chooseLogIn' ? push(under, logIn) : setTop(under, logIn);
}
