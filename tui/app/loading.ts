import type {Effect} from './effect.ts';
import type {Query} from '../text/filter-grammar.ts';
import {nothing} from './pages.ts';
import {type ListName, isOfOrganisation} from './lists.ts';
import type {Model, Step} from './model.ts';
import {top} from './navigation.ts';
import {isTable} from './screens.ts';

/* What is read from the server, and when: effects that bring lists up to date. */

/** How often a list is read again, ms; a list that takes long to read is read less often. */
export const refreshEvery = 5000;

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

/** Reads a list again, unless that is under way. */
export function load(model: Model, list: ListName): Step {
	if (model[list].loading) return [model];
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
