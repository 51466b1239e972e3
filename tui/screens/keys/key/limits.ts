import type {Answer, Event} from '../../../app/effect.ts';
import type {Model, Step} from '../../../app/model.ts';
import {setTop} from '../../../app/navigation.ts';
import {reasonOf} from '../../../failure.ts';
import type {Screen} from '../../../app/screens.ts';
import type {KeyLimitsRead} from './screen.ts';

/** How often what is left is read again, ms. */
const refreshEvery = 2000;
/** The same where nothing limits the key, or where it could not be read. */
const refreshSeldom = 10_000;

/** A screen that shows them. */
type Limited = {readonly id: string; readonly limits?: KeyLimitsRead};

/** Reads what is left of the limits of the key on top, unless that was just done or is under way. */
export function readLimitsOnceDue(model: Model, screen: Screen & Limited, now: number): Step {
	const {limits = {reading: false, nextAt: 0}} = screen;
	const {organisation, epoch} = model;
	if (organisation === undefined || limits.reading || now < limits.nextAt) return [model];
	return [
		setTop(model, {...screen, limits: {...limits, reading: true}} as Screen),
		{do: 'readKeyLimits', organisation: organisation.id, id: screen.id, epoch},
	];
}

/** What was read of the limits of the key, or why nothing could be. */
export function hearOfLimits<S extends Limited>(
	screen: S,
	event: Answer | Extract<Event, {type: 'failed'}>,
	now: number,
): S {
	if (event.type === 'keyLimitsRead' && event.id === screen.id) {
		const {state} = event;
		const every = state.limits_source === null ? refreshSeldom : refreshEvery;
		return {...screen, limits: {reading: false, nextAt: now + every, state}};
	}
	// What was used of a quota may be what was changed.
	if (event.type === 'changed') return {...screen, ...dueNow(screen)};
	if (event.type !== 'failed') return screen;
	const {effect, failure} = event;
	if (effect.do !== 'readKeyLimits' || effect.id !== screen.id) return screen;
	const problem = reasonOf(failure);
	const {state} = screen.limits ?? {};
	const known = state === undefined ? {} : {state};
	return {...screen, limits: {reading: false, nextAt: now + refreshSeldom, problem, ...known}};
}

function dueNow({limits}: Limited): Pick<Limited, 'limits'> {
	return limits === undefined ? {} : {limits: {...limits, nextAt: 0}};
}
