import {reduceForm} from '../components/form/state.ts';
import type {Failure} from '../failure.ts';
import {deliveryFailed} from '../screens/delivery/read.ts';
import {deviceFailed} from '../screens/device/state.ts';
import {clean} from '../text/clean.ts';
import {firstLogInScreen, isLogIn} from '../screens/first-log-in.ts';
import {refusedLogIn} from '../screens/log-in/state.ts';
import {askForToken} from '../screens/set-up/state.ts';
import {
	type Effect,
	load,
	type Model,
	pop,
	push,
	say,
	type Screen,
	setTop,
	type Step,
	top,
} from './model.ts';

/** Seconds between tries to reach a server that is away. */
const backoff = [1, 2, 4, 8, 15, 30];

/** What a failed effect makes of the model: what is on the screen stays, and says what to press. */
export function failed(model: Model, effect: Effect, failure: Failure, now: number): Step {
	const stale = 'epoch' in effect && effect.epoch !== model.epoch;
	const settled = stale ? model : settle(model, effect, failure, now);
	switch (failure.kind) {
		case 'unreachable':
			return [offline(settled, failure.details.reason ?? failure.message, now)];
		case 'signed_out':
			return stale ? [settled] : [askLogIn(settled)];
		case 'refused':
		case 'unexpected':
		case 'usage':
			return refused(settled, effect, failure, now);
	}
}

function offline(model: Model, reason: string, now: number): Model {
	const {link} = model;
	const attempt = link.state === 'offline' ? link.attempt + 1 : 1;
	const wait = (backoff[Math.min(attempt, backoff.length) - 1] ?? 30) * 1000;
	const since = link.state === 'offline' ? link.since : now;
	return {
		...model,
		link: {state: 'offline', since, attempt, retryAt: now + wait, probing: false, reason},
	};
}

function askLogIn(model: Model): Model {
	if (isLogIn(top(model))) return model;
	if (model.me === undefined) return {...model, screens: [firstLogInScreen(model)]};
	const reason = 'Your session has ended. Log in to go on where you were.';
	return push(model, firstLogInScreen(model, reason, model.me.email));
}

/** Ends the waiting that the effect began, and shows the reason where the person looks. */
function settle(model: Model, effect: Effect, failure: Failure, now: number): Model {
	const screen = top(model);
	if (effect.do === 'load') {
		const wait = Math.max(5000, failure.details.retryAfter ?? 0);
		if (effect.query !== model.queries[effect.list]) return model;
		const before = model[effect.list];
		const idle = effect.cursor === undefined ? {loading: false} : {extending: false};
		const list = {...before, ...idle, nextAt: now + wait};
		const away = failure.kind === 'unreachable' || failure.kind === 'signed_out';
		const status = before.status === 'none' ? 'failed' : before.status;
		return {
			...model,
			[effect.list]: away ? list : {...list, status, problem: sentence(failure)},
		};
	}
	if (effect.do === 'download') {
		const {download: _, ...rest} = model;
		return say(rest, now, clean(sentence(failure)), 'bad');
	}
	if (effect.do === 'readKey') {
		if (screen.type !== 'key' || screen.id !== effect.id) return model;
		return setTop(model, {...screen, problem: sentence(failure)});
	}
	// Nobody waits for it on the screen; what stands there is about something else.
	if (effect.do === 'probe') return model;
	if (effect.do === 'askDeviceLogin') {
		const isAsked = screen.type === 'device' && screen.login.device_code === effect.code;
		return isAsked ? setTop(model, deviceFailed(screen, failure, now)) : model;
	}
	if (effect.do === 'readDelivery') {
		return deliveryFailed(model, effect.id, sentence(failure), now);
	}
	const problem =
		failure.kind === 'unreachable' ? unknownOutcome(effect, failure) : sentence(failure);
	if (screen.type === 'logIn') {
		return setTop(model, {...screen, form: refusedLogIn(screen.form, problem)});
	}
	if (screen.type === 'confirm' || screen.type === 'choice' || screen.type === 'chooseLogIn') {
		return setTop(model, {...screen, busy: false, problem});
	}
	if (screen.type === 'setUp' && failure.details.code === 'setup_token_invalid') {
		return setTop(model, askForToken(screen, problem));
	}
	if ('form' in screen) {
		const field = fieldAtFault(effect, failure);
		const form = reduceForm(screen.form, {type: 'refused', problem, field}, () => ({}));
		return setTop(model, {...screen, form} as Screen);
	}
	return model;
}

function refused(model: Model, effect: Effect, failure: Failure, now: number): Step {
	const {status, code} = failure.details;
	if (effect.do === 'probe') return [offline(model, failure.message, now)];
	if (effect.do === 'logOut') return [say(model, now, sentence(failure), 'bad')];
	if (effect.do === 'countReplay' && top(model).type === 'webhooks') {
		return [say(model, now, sentence(failure), 'bad')];
	}
	if (effect.do === 'revokeKey' && status === 404) {
		// Somebody else was first; the list will show when.
		const closed = top(model).type === 'confirm' ? pop(model) : model;
		return load(say(closed, now, 'This key was revoked already, or is gone', 'warning'), 'keys');
	}
	if (effect.do === 'change' && status === 404) {
		const asked = ['confirm', 'choice', 'form'].includes(top(model).type);
		const text = `${failure.message}: it is gone, somebody else was first`;
		return load(say(asked ? pop(model) : model, now, text, 'warning'), effect.change.reload);
	}
	if (effect.do === 'setUp' && code === 'setup_complete') {
		// Made by somebody else in the meantime: then this is a log-in.
		const reason = 'The first administrator exists already.';
		return [{...model, screens: [firstLogInScreen(model, reason)]}];
	}
	if (effect.do === 'identify') {
		if (effect.organisation === undefined || status !== 404) {
			return [say(model, now, sentence(failure), 'bad')];
		}
		// Where they may not be any more: home, and from there to the first one of theirs.
		const {organisation: _, ...rest} = model;
		const organisation = effect.organisation === model.home ? undefined : model.home;
		const told = say(rest, now, 'The chosen organisation is gone, or not yours', 'warning');
		return [told, {do: 'identify', organisation, epoch: model.epoch}];
	}
	return [model];
}

/** An invitation has the email: where the log-in is refused, it is the password. */
function fieldAtFault(effect: Effect, {details: {code, field}}: Failure): string | undefined {
	return effect.do === 'acceptInvitation' && code === 'invalid_login' ? 'password' : field;
}

/** What happened, in one sentence with what helps to find it in the server's log. */
function sentence(failure: Failure): string {
	const {requestId, retryAfter, hint} = failure.details;
	const wait = retryAfter === undefined ? '' : `; try again in ${Math.ceil(retryAfter / 1000)} s`;
	const request =
		requestId === undefined || failure.kind === 'refused' ? '' : ` (request ${requestId})`;
	return `${failure.message}${wait}${request}${hint === undefined ? '' : `. ${hint}`}`;
}

function unknownOutcome(effect: Effect, failure: Failure): string {
	if (effect.do === 'createKey') {
		return `${failure.message}. Whether the key was made is not known: if it is in the list, revoke it and make another.`;
	}
	if (effect.do === 'revokeKey') {
		return `${failure.message}. Whether the key is revoked is not known: the list will tell.`;
	}
	if (effect.do === 'acceptInvitation' || effect.do === 'resetPassword') {
		return `${failure.message}. Whether the code was used is not known: if it is refused now, log in with this password.`;
	}
	if (effect.do === 'change') {
		return `${failure.message}. Whether it was done is not known: the list will tell.`;
	}
	return failure.message;
}
