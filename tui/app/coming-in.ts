import {firstLogInScreen, isLogIn} from '../screens/log-in/first.ts';
import {newSetUpScreen} from '../screens/log-in/set-up/state.ts';
import type {Answer} from './effect.ts';
import type {Failure} from '../failure.ts';
import {homeList, newHomeScreen} from './home.ts';
import type {Loaded} from './pages.ts';
import type {Model, Step} from './model.ts';
import {listOf} from './on-screens.ts';
import {load, refreshEvery} from './loading.ts';
import {enter, identify, leave, push, setTop, top} from './navigation.ts';
import type {Screen} from './screens.ts';

/* Beginning and end of a session: which screen comes first, and what is left afterwards. */

/** The server has answered: the first screen is the set-up, a log-in, or the home screen. */
export function probed(
	before: Model,
	online: Model,
	event: Extract<Answer, {type: 'probed'}>,
): Step {
	if (before.me !== undefined) {
		const list = listOf(top(online));
		return list === undefined ? [online] : load(online, list);
	}
	if (top(before).type !== 'connect') return [online];
	if (event.setupRequired) return [setTop(online, newSetUpScreen(event.tokenFound))];
	if (!event.session) return [setTop(online, firstLogInScreen(online))];
	return [online, identify(online)];
}

/** Asks to log in again, on top of the screens that were open, and says why as far as that is known. */
export function askLogIn(model: Model, {message, details}: Failure): Model {
	if (isLogIn(top(model))) return model;
	const why = details.sessionEnd === undefined ? undefined : `${message}.`;
	if (model.me === undefined) return {...model, screens: [firstLogInScreen(model, why)]};
	const reason = `${why ?? 'Your session has ended.'} Log in to go on where you were.`;
	return push(model, firstLogInScreen(model, reason, model.me.email));
}

export function loggedOut(online: Model): Model {
	const {notice: _, ...nobody} = leave(online);
	return {...nobody, screens: [firstLogInScreen(nobody, 'You are logged out.')]};
}

export function identified(
	online: Model,
	{me, organisations: items}: Extract<Answer, {type: 'identified'}>,
	now: number,
): Step {
	const same = online.me?.id === me.id;
	const list: Loaded<(typeof items)[number]> = {
		items,
		status: 'ready',
		loading: false,
		loadedAt: now,
		nextAt: now + refreshEvery,
	};
	const organisation =
		items.find(({id}) => id === online.organisation?.id) ?? me.organization ?? items[0];
	const known: Model = {...online, me, organisations: list};
	const stays = same && organisation?.id === online.organisation?.id;
	const entered =
		stays && organisation !== undefined ? {...known, organisation} : enter(known, organisation);
	// Back where one was, under the log-in; or home, for somebody else.
	const under = entered.screens.filter((screen) => !isBeforeWork(screen));
	const screens = stays && under.length > 0 ? under : [newHomeScreen(entered)];
	return load({...entered, screens}, listOf(screens.at(-1) ?? {type: 'connect'}) ?? homeList);
}

function isBeforeWork(screen: Screen): boolean {
	return screen.type === 'connect' || screen.type === 'setUp' || isLogIn(screen);
}

/** Leaves the current organisation, and goes to another if there is one. */
export function left(model: Model): Step {
	const entered = enter(model, undefined);
	const home = {...entered, screens: [newHomeScreen(entered)]};
	return [home, identify(home)];
}
