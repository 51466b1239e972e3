import {type Failure, reasonOf} from '../failure.ts';
import {clean} from '../text/clean.ts';
import {askLogIn} from './coming-in.ts';
import {type Effect, type Event, isWaitedFor} from './effect.ts';
import {kindOf} from './kinds.ts';
import {load} from './loading.ts';
import type {Model, Step} from './model.ts';
import {isBusy, rearrange} from './on-screens.ts';
import {nothing} from './pages.ts';
import {identify, pop, say, setTop, top} from './navigation.ts';
import {hear} from './on-answer.ts';

type Failed = Extract<Event, {type: 'failed'}>;

/** Seconds between tries to reach a server that is away. */
const backoff = [1, 2, 4, 8, 15, 30];

/** What a failed effect makes of the model: what is on the screen stays, and says what to press. */
export function onFailure(model: Model, event: Failed, now: number): Step {
	const {effect, failure} = event;
	const isLate = 'epoch' in effect && effect.epoch !== model.epoch;
	const told = isLate ? model : endWaiting(model, event, now);
	switch (failure.kind) {
		case 'unreachable':
			return [offline(told, failure.details.reason ?? failure.message, now)];
		case 'signed_out':
			return isLate ? [told] : [askLogIn(told, failure)];
		case 'refused':
		case 'unexpected':
		case 'usage':
			return refused(model, told, event, now);
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

/** Ends the wait that the effect began, and shows the reason on the screen that asked for it. */
function endWaiting(model: Model, event: Failed, now: number): Model {
	const {effect, failure} = event;
	if (effect.do === 'load') return unread(model, effect, failure, now);
	if (effect.do === 'download') {
		const {download: _, ...rest} = model;
		return say(rest, now, clean(reasonOf(failure)), 'bad');
	}
	if (effect.do === 'keepTheme') return say(model, now, clean(reasonOf(failure)), 'warning');
	if (!isWaitedFor(effect)) return hear(model, event, now);
	const screen = top(model);
	const problem = problemOf(effect, failure);
	// What was done without a question has no screen that could say why not.
	const isUnasked = ['change', 'readToChange', 'readRoleToChange', 'readPolicyToChange'].includes(
		effect.do,
	);
	if (isUnasked && !isBusy(screen)) return say(model, now, clean(problem), 'bad');
	// A question about what a form would send gives way to the form.
	const {back = screen, sent} = screen.type === 'confirm' ? screen : {};
	const shown = sent === undefined ? back : {...back, sent};
	const at = setTop(model, shown);
	return kindOf(shown).onFailure?.(at, shown, {effect, failure, problem, now}) ?? at;
}

/** A list that could not be read keeps what it has, and says why that is not fresh. */
function unread(
	model: Model,
	effect: Extract<Effect, {do: 'load'}>,
	failure: Failure,
	now: number,
): Model {
	const wait = Math.max(5000, failure.details.retryAfter ?? 0);
	if (effect.query !== model.queries[effect.list]) return model;
	const before = model[effect.list];
	const idle = effect.cursor === undefined ? {loading: false} : {extending: false};
	const list = {...before, ...idle, nextAt: now + wait};
	const isAway = failure.kind === 'unreachable' || failure.kind === 'signed_out';
	if (isOfRole(failure)) {
		// What somebody may not read any more is not shown either.
		const hidden = {...nothing, status: 'failed', problem: reasonOf(failure), nextAt: now + wait};
		return rearrange({...model, [effect.list]: hidden}, effect.list);
	}
	const status = before.status === 'none' ? 'failed' : before.status;
	return {
		...model,
		[effect.list]: isAway ? list : {...list, status, problem: reasonOf(failure)},
	};
}

/** Whether it is the role that is refused: it was another when they logged in. */
function isOfRole({details: {code = ''}}: Failure): boolean {
	return ['role_required', 'operator_required'].includes(code);
}

/** What follows from a refusal, besides showing it. */
function refused(before: Model, model: Model, {effect, failure}: Failed, now: number): Step {
	const {status} = failure.details;
	if (effect.do === 'probe') return [offline(model, failure.message, now)];
	if (effect.do === 'load' && isOfRole(failure)) {
		// Once: what they are now says whether it is asked for again.
		return before[effect.list].problem === undefined ? [model, identify(model)] : [model];
	}
	if (effect.do === 'logOut') return [say(model, now, reasonOf(failure), 'bad')];
	if (effect.do === 'change' && status === 404) {
		// Somebody else was first; the list will show when.
		const {missing, reload} = effect.change;
		const text = missing ?? `${failure.message}: somebody else was faster, and it no longer exists`;
		const closed = isBusy(top(before)) ? pop(model) : model;
		return load(say(closed, now, text, 'warning'), reload);
	}
	if (effect.do === 'change' && status === 412) {
		return effect.change.stale === undefined ? [model] : [model, effect.change.stale];
	}
	if (effect.do !== 'identify') return [model];
	if (effect.organisation === undefined || status !== 404) {
		return [say(model, now, reasonOf(failure), 'bad')];
	}
	// The organisation is not theirs any more: go to that of the profile, then to their first one.
	const {organisation: _, ...rest} = model;
	const organisation = effect.organisation === model.home ? undefined : model.home;
	const told = say(
		rest,
		now,
		'The chosen organisation no longer exists, or you are not in it',
		'warning',
	);
	return [told, {do: 'identify', organisation, epoch: model.epoch}];
}

function problemOf(effect: Effect, failure: Failure): string {
	if (failure.kind === 'unreachable') return unknownOutcome(effect, failure);
	// It is read after the log-in that is asked for now.
	const isOver = failure.kind === 'signed_out' && effect.do === 'change';
	return isOver ? 'Your session had ended, so nothing was done: send it again.' : reasonOf(failure);
}

function unknownOutcome(effect: Effect, failure: Failure): string {
	if (effect.do === 'acceptInvitation' || effect.do === 'resetPassword') {
		return `${failure.message}. It is not known whether the code was used: if it is refused now, log in with this password.`;
	}
	if (effect.do !== 'change') return failure.message;
	const {unknown = 'It is not known whether it was done: look at the list.'} = effect.change;
	return `${failure.message}. ${unknown}`;
}
