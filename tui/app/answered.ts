import {toTimestamp} from '../../contract/text.ts';
import type {Key} from '../../contract/keys.ts';
import {revocationText} from '../revocation.ts';
import {clean} from '../text/clean.ts';
import {plural} from '../text/plural.ts';
import {newKeysScreen, noMarks, selectKey} from '../screens/keys/rows.ts';
import {newDeviceScreen} from '../screens/device/state.ts';
import {firstLogInScreen, isLogIn} from '../screens/first-log-in.ts';
import {readOn, rearrange} from '../screens/list/rows.ts';
import {newRevealScreen, type Secret} from '../screens/reveal/state.ts';
import {deliveryRead} from '../screens/delivery/read.ts';
import {replayCounted} from '../screens/replay/state.ts';
import {tested} from '../screens/webhook-test/state.ts';
import {missedCounted} from '../screens/webhooks/enabling.ts';
import {withUse} from '../screens/revoke/state.ts';
import {newSetUpScreen} from '../screens/set-up/state.ts';
import {passwordSet} from '../screens/use-code/password-set.ts';
import type {Change} from './change.ts';
import {failed} from './failed.ts';
import {joined, type Page} from './pages.ts';
import {
	type Effect,
	enter,
	type Event,
	followed,
	type FormName,
	leave,
	identify,
	listOf,
	load,
	type Loaded,
	type LoadedAnswer,
	type Model,
	pop,
	push,
	readKey,
	type RevokeOutcome,
	say,
	type Screen,
	setTop,
	type Step,
	top,
} from './model.ts';

type Answer = Exclude<Event, {type: 'key' | 'paste' | 'tick' | 'resized'}>;

/** What an answer from the server makes of the model. */
export function answered(model: Model, event: Answer, now: number): Step {
	if (event.type === 'failed') return failed(model, event.effect, event.failure, now);
	const {providers} = event.type === 'probed' ? event : model;
	const online: Model = {...model, now, link: {state: 'online'}, providers};
	switch (event.type) {
		case 'probed':
			return probed(model, online, event, now);
		case 'loggedIn':
			return [online, identify(online)];
		case 'passwordSet':
			return [passwordSet(online)];
		case 'deviceStarted': {
			// Cancelled, or logged in otherwise, in the meantime.
			const screen = top(online);
			if (screen.type !== 'chooseLogIn') return [online];
			const idle = setTop(online, {...screen, busy: false});
			return [push(idle, newDeviceScreen(event.provider, event.login, now))];
		}
		case 'deviceApproved': {
			const screen = top(online);
			const isWanted = screen.type === 'device' && screen.login.device_code === event.code;
			return isWanted ? [online, {do: 'begin', tokens: event.tokens}] : [online];
		}
		case 'loggedOut':
			return [loggedOut(online)];
		case 'versionRead':
			return [{...online, serverVersion: event.version}];
		case 'identified':
			return event.epoch === model.epoch ? identified(online, event, now) : [online];
		case 'loaded':
			if (event.epoch !== model.epoch) return [online];
			if (event.query !== model.queries[event.answer.list]) return [online];
			const [next, ...effects] = readOn(loaded(online, event, now));
			const isKeys = event.answer.list === 'keys' && !event.partial;
			return [next, ...effects, ...(isKeys ? readShownKey(next) : [])];
		case 'keyCreated': {
			const {key: _, ...made} = event.key;
			// Its hint comes with the list.
			const listed = {hint: '', expires_at: null, ...made};
			const items = [listed, ...online.keys.items.filter(({id}) => id !== listed.id)];
			const known = rearrange({...online, keys: {...online.keys, items}}, 'keys');
			const screens = known.screens.map((screen) =>
				screen.type === 'keys' ? selectKey(screen, known, listed.id) : screen,
			);
			const secret = {
				secret: event.key.key,
				what: `key ${clean(event.key.name)}`,
				advice: 'Store it now, where the program that uses it can read it.',
			};
			return load(reveal({...known, screens}, 'createKey', secret), 'keys');
		}
		case 'keyRead': {
			if (event.epoch !== model.epoch) return [online];
			const screens = online.screens.map((screen) => {
				if (screen.type === 'confirm') return withUse(screen, event.use, now);
				if (screen.type !== 'key' || screen.id !== event.id) return screen;
				const {problem: _, ...rest} = screen;
				return {...rest, use: event.use};
			});
			return [{...online, screens}];
		}
		case 'keysRevoking':
			return [revoking(online, event.done)];
		case 'keysRevoked':
			return keysRevoked(online, event.outcomes, now);
		case 'keyRevoked':
			return revoked(online, event.key, event.detail, now);
		case 'webhookTested':
			return [tested(online, event.endpoint, event.result)];
		case 'replayCounted':
			return [replayCounted(missedCounted(online, event, now), event, now)];
		case 'deliveryRead':
			return [deliveryRead(online, event.detail, now)];
		case 'downloading':
			return [say(online, now, `Writing ${event.of.file}: ${countOf(event)} so far …`)];
		case 'downloaded': {
			const {download: _, ...rest} = online;
			return [say(rest, now, `Wrote ${clean(event.file)}: ${countOf(event)}`, 'good')];
		}
		case 'changed':
			return changed(online, event.change, event.body, now);
	}
}

function probed(
	before: Model,
	online: Model,
	event: Extract<Answer, {type: 'probed'}>,
	now: number,
): Step {
	if (before.me !== undefined) {
		const back =
			before.link.state === 'offline' ? say(online, now, 'The server is back', 'good') : online;
		const list = listOf(top(back));
		return list === undefined ? [back] : load(back, list);
	}
	if (top(before).type !== 'connect') return [online];
	if (event.setupRequired) return [setTop(online, newSetUpScreen(event.tokenFound))];
	if (!event.session) return [setTop(online, firstLogInScreen(online))];
	return [online, identify(online)];
}

function countOf({lines, of}: Extract<Answer, {type: 'downloading' | 'downloaded'}>): string {
	return plural(lines, of.nouns);
}

function loggedOut(online: Model): Model {
	const nobody = leave(online);
	return {...nobody, screens: [firstLogInScreen(nobody, 'You are logged out.')]};
}

function identified(
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
	const screens = stays && under.length > 0 ? under : [newKeysScreen(entered)];
	return load({...entered, screens}, listOf(screens.at(-1) ?? {type: 'connect'}) ?? 'keys');
}

function isBeforeWork(screen: Screen): boolean {
	return screen.type === 'connect' || screen.type === 'setUp' || isLogIn(screen);
}

/** How often a list is read again, ms; a list that takes long to read is read less often. */
const refreshEvery = 5000;
const followEvery = 900;
const share = 20;

function loaded(
	model: Model,
	{answer, page, partial, took}: Extract<Answer, {type: 'loaded'}>,
	now: number,
): Model {
	if (page !== undefined) return pageLoaded(model, answer, page, took, now);
	const before: Loaded<unknown> = model[answer.list];
	// The first time, rows show as they come; later a list changes as a whole, so that none jump.
	if (partial && (before.status === 'ready' || before.status === 'failed')) return model;
	const list = {
		items: answer.items,
		status: partial ? 'partial' : 'ready',
		loading: partial,
		nextAt: now + Math.max(refreshEvery, share * took),
		...(partial ? {} : {loadedAt: now}),
	};
	const next = rearrange({...model, [answer.list]: list}, answer.list);
	if (answer.list === 'keys') return tellRevoked(model, next, now);
	return answer.list === 'organisations' ? withOrganisation(next) : next;
}

/** A part of a list that is read page by page has come in. */
function pageLoaded(
	model: Model,
	{list, items}: LoadedAnswer,
	page: Omit<Page<unknown>, 'items'>,
	took: number,
	now: number,
): Model {
	const before: Loaded<{readonly id: string}> = model[list];
	const held = before.stale === true ? {items: []} : before;
	const every = followed(model, list) === undefined ? refreshEvery : followEvery;
	const after: Loaded<{readonly id: string}> = {
		...joined(held, {...page, items}),
		status: 'ready',
		loading: page.place === 'end' && before.loading,
		extending: page.place !== 'end' && before.extending === true,
		...(page.place === 'end'
			? {
					nextAt: before.nextAt,
					...(before.loadedAt === undefined ? {} : {loadedAt: before.loadedAt}),
				}
			: {nextAt: now + Math.max(every, share * took), loadedAt: now}),
	};
	return rearrange({...model, [list]: after}, list);
}

/** The plan or the name of the organisation one works in may have been changed elsewhere. */
function withOrganisation(model: Model): Model {
	const organisation = model.organisations.items.find(({id}) => id === model.organisation?.id);
	return organisation === undefined ? model : {...model, organisation};
}

/** A key that was revoked by somebody else, while the cursor was on it, is not passed over. */
function tellRevoked(before: Model, after: Model, now: number): Model {
	const screen = top(before);
	const id = screen.type === 'key' || screen.type === 'keys' ? watched(screen) : undefined;
	const was = before.keys.items.find((key) => key.id === id);
	const is = after.keys.items.find((key) => key.id === id);
	if (was === undefined || was.revoked_at !== null || is === undefined || is.revoked_at === null) {
		return after;
	}
	return say(after, now, `${clean(is.name)} was revoked elsewhere`, 'warning');
}

function watched(screen: Extract<Screen, {type: 'key' | 'keys'}>): string | undefined {
	return screen.type === 'key' ? screen.id : screen.table.id;
}

function revoked(online: Model, key: Key, detail: string | undefined, now: number): Step {
	const items = online.keys.items.map((item) =>
		item.id === key.id ? {...item, revoked_at: toTimestamp(new Date(now))} : item,
	);
	const screen = top(online);
	const asked = screen.type === 'confirm' && screen.act.do === 'revokeKey';
	const shown = asked && screen.act.key.id === key.id ? pop(online) : online;
	const inForce = detail === undefined ? undefined : revocationText(detail);
	const text = `Revoked ${clean(key.name)}: it is refused from now on${inForce === undefined ? '' : ` ${inForce}`}`;
	const known = rearrange({...shown, keys: {...shown.keys, items}}, 'keys');
	return load(say(known, now, text, 'good'), 'keys');
}

/** How far revoking several keys is, in the question that began it. */
function revoking(model: Model, done: number): Model {
	const screen = top(model);
	if (screen.type !== 'confirm' || screen.act.do !== 'revokeKeys') return model;
	const of = screen.act.keys.length.toLocaleString('en');
	return setTop(model, {...screen, busyText: `Revoking … ${done.toLocaleString('en')} of ${of}`});
}

/** Several keys at once: all in one sentence, or a list of what became of each. */
function keysRevoked(online: Model, outcomes: readonly RevokeOutcome[], now: number): Step {
	const screen = top(online);
	const asked = screen.type === 'confirm' && screen.act.do === 'revokeKeys';
	const shown = asked ? pop(online) : online;
	const gone = new Set(
		outcomes.filter(({outcome}) => outcome === 'revoked').map(({key}) => key.id),
	);
	const at = toTimestamp(new Date(now));
	const items = shown.keys.items.map((item) =>
		gone.has(item.id) ? {...item, revoked_at: at} : item,
	);
	const screens = shown.screens.map((each) =>
		each.type === 'keys' ? {...each, marks: noMarks} : each,
	);
	const known = rearrange({...shown, screens, keys: {...shown.keys, items}}, 'keys');
	const count = plural(gone.size, ['key', 'keys']);
	if (gone.size === outcomes.length) {
		return load(say(known, now, `Revoked ${count}: they are refused from now on`, 'good'), 'keys');
	}
	const told = say(known, now, `Revoked ${count} of ${outcomes.length}`, 'warning');
	return load(push(told, {type: 'outcomes', outcomes, offset: 0}), 'keys');
}

/** What the list does not have of the key on the screen. */
function readShownKey(model: Model): Effect[] {
	const screen = top(model);
	return screen.type === 'key' ? readKey(model, screen.id) : [];
}

/** The question behind a change is closed, and what the answer shows once is shown. */
function changed(
	online: Model,
	change: Change,
	body: Readonly<Record<string, unknown>>,
	now: number,
): Step {
	const screen = top(online);
	const asked = 'busy' in screen ? screen.busy : 'form' in screen && screen.form.busy;
	const shown = asked ? pop(online) : online;
	const said = say(patched(shown, change, body), now, change.done, 'good');
	if (change.afterwards === 'leave') return left(said);
	const secret = change.reveal === undefined ? undefined : body[change.reveal.member];
	const told =
		change.reveal === undefined || typeof secret !== 'string'
			? said
			: push(said, newRevealScreen({...change.reveal, secret}));
	// A read that is under way may have begun before the change.
	const list = {...told[change.reload], loading: false};
	const [next, ...effects] = load({...told, [change.reload]: list}, change.reload);
	if (change.afterwards !== 'identify') return [next, ...effects];
	return [next, ...effects, identify(next)];
}

/** Out of the organisation one worked in, and into another, where there is one. */
function left(model: Model): Step {
	const entered = enter(model, undefined);
	const home = {...entered, screens: [newKeysScreen(entered)]};
	return [home, identify(home)];
}

/** What was changed is shown as it is now, before the list is read again. */
function patched(
	model: Model,
	{reload, gone, reveal: shownOnce}: Change,
	body: Readonly<Record<string, unknown>>,
): Model {
	if (shownOnce !== undefined) return model;
	const list: Loaded<{readonly id: string}> = model[reload];
	const items = list.items
		.filter(({id}) => id !== gone)
		.map((item) => (item.id === body['id'] ? {...item, ...body} : item));
	const next = rearrange({...model, [reload]: {...list, items}}, reload);
	return reload === 'organisations' ? withOrganisation(next) : next;
}

/** A secret in place of the form that made it. */
function reveal(model: Model, form: FormName, secret: Secret): Model {
	const screen = top(model);
	const screenOf = newRevealScreen(secret);
	return screen.type === 'form' && screen.name === form
		? setTop(model, screenOf)
		: push(model, screenOf);
}
