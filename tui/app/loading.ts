import type {HealthList} from '../screens/system/health/list.ts';
import type {Effect} from './effect.ts';
import type {Query} from '../text/filter-grammar.ts';
import {nothing} from './pages.ts';
import {type ListName, isHealth, isOfOrganisation} from './lists.ts';
import type {Model, Step} from './model.ts';
import {may, mayRead, top} from './navigation.ts';
import {isTable} from './screens.ts';

/* What is read from the server, and when: effects that bring lists up to date. */

/** How often a list is read again, ms; a list that takes long to read is read less often. */
export const refreshEvery = 5000;
/** The longest that is waited, however long reading takes: what is older is not called live. */
const seldom = 30_000;
/** Reading takes one part in so many of the time. */
const share = 20;

/** How long to wait, ms, before what took so long is read again. */
export function waitAfter(took: number, every = refreshEvery, atMost = seldom): number {
	return Math.max(every, Math.min(atMost, share * took));
}

/** The same of a list: health is looked at when something is wrong, and reading takes long then. */
export function waitOf(list: ListName, took: number, every?: number): number {
	return waitAfter(took, every, isHealth(list) ? refreshEvery : seldom);
}

/** How old what is shown is, ms, where it should have been read again twice since. */
export function oldFor(
	{loadedAt, every = refreshEvery}: {readonly loadedAt?: number; readonly every?: number},
	now: number,
): number | undefined {
	if (loadedAt === undefined || now - loadedAt <= 2 * Math.max(every, refreshEvery))
		return undefined;
	return now - loadedAt;
}

/** A list narrowed to something else, to be read anew. */
export function narrow(model: Model, list: ListName, query: Query | undefined): Model {
	const {[list]: _, ...others} = model.queries;
	const queries = query === undefined ? others : {...others, [list]: query};
	return {...model, [list]: nothing, queries};
}

/** A list narrowed to something else, read anew; what it holds stays until the answer is here. */
export function requery(model: Model, list: ListName, query: Query | undefined): Step {
	const {next: _, ...held} = model[list];
	const {queries} = narrow(model, list, query);
	const stale = {...held, loading: false, extending: false, stale: true};
	return load({...model, [list]: stale, queries}, list);
}

/** Reads a list again, unless that is under way, or would only be refused. */
export function load(model: Model, list: ListName): Step {
	if (model[list].loading || !mayRead(model, list)) return [model];
	const organisation = model.organisation?.id;
	if (organisation === undefined && isOfOrganisation(list)) return [model];
	const after = followed(model, list);
	return [
		{...model, [list]: {...model[list], loading: true}},
		{
			do: 'load',
			list,
			organisation,
			query: model.queries[list],
			epoch: model.epoch,
			...(after === undefined ? {} : {after}),
		},
	];
}

/** Reads a list again once that is due, unless nothing should change by itself. */
export function loadOnceDue(model: Model, list: ListName, now: number, isQuiet: boolean): Step {
	return isQuiet || now < model[list].nextAt ? [model] : load(model, list);
}

/** How often health is read while another screen is shown, for the sign that something is wrong. */
export const healthEvery = 30_000;

/** Reads health for its sign, now and then; what one looks at comes first. */
export function loadHealthOnceDue(model: Model, now: number): Step {
	const {me, paused, organisation} = model;
	const list = healthListOf(model);
	const {loadedAt = 0, nextAt} = model[list];
	const isDue = now >= nextAt && now - loadedAt >= healthEvery;
	if (me === undefined || paused || !isDue) return [model];
	const isFirst = organisation !== undefined && mayRead(model, 'keys');
	if (isFirst && model.keys.status === 'none') return [model];
	return load(model, list);
}

/** Reads the details and the use of a key, which the list does not have. */
export function readKey({organisation, epoch}: Model, id: string): Effect[] {
	if (organisation === undefined) return [];
	return [{do: 'readKey', organisation: organisation.id, id, epoch}];
}

/** Reads the page that follows, where there is one and it is not under way. */
export function extend(model: Model, list: ListName): Step {
	const {next, extending, stale} = model[list];
	const isAway = model.link.state === 'offline';
	if (next === undefined || extending === true || stale === true || isAway) return [model];
	return [
		{...model, [list]: {...model[list], extending: true}},
		{
			do: 'load',
			list,
			organisation: model.organisation?.id,
			query: model.queries[list],
			epoch: model.epoch,
			cursor: next,
		},
	];
}

/** The newest row of a list that is followed: only what comes after it has to be read. */
export function followed(model: Model, list: ListName): string | undefined {
	const screen = top(model);
	if (screen.type !== list || !isTable(screen) || screen.follow !== true) return undefined;
	return model[list].stale === true ? undefined : model[list].items[0]?.id;
}

/** Operators see all of the appliance; others what everybody may ask. */
export function healthListOf(model: Model): HealthList {
	return may(model, 'system:read') ? 'system' : 'readiness';
}
