import type {Answer} from './effect.ts';
import {joined, type Loaded, type Page} from './pages.ts';
import type {LoadedAnswer} from './lists.ts';
import type {Model} from './model.ts';
import {rearrange} from './on-screens.ts';
import {followed, refreshEvery, waitOf} from './loading.ts';

/* What a list becomes once it, or a page of it, is here. */

const followEvery = 900;

type Event = Extract<Answer, {type: 'loaded'}>;

/**
 * Whether it is a part of a list that is read again. The first time rows are shown as they arrive; later the
 * list changes at once, so that no row jumps.
 */
export function isPartAgain(model: Model, {answer, partial}: Event): boolean {
	return partial && ['ready', 'failed'].includes(model[answer.list].status);
}

/** The model with a list that has been read; other screens of it follow. */
export function loaded(model: Model, event: Event, now: number): Model {
	const {answer, page, partial, took} = event;
	if (page !== undefined) return pageLoaded(model, answer, page, took, now);
	if (isPartAgain(model, event)) return model;
	const every = waitOf(answer.list, took);
	const list = {
		items: answer.items,
		status: partial ? 'partial' : 'ready',
		loading: partial,
		nextAt: now + every,
		every,
		...(partial ? {} : {loadedAt: now}),
	};
	const next = rearrange({...model, [answer.list]: list}, answer.list);
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
	const isFollowed = followed(model, list) !== undefined;
	const every = waitOf(list, took, isFollowed ? followEvery : refreshEvery);
	const after: Loaded<{readonly id: string}> = {
		...joined(held, {...page, items}),
		status: 'ready',
		loading: page.place === 'end' && before.loading,
		extending: page.place !== 'end' && before.extending === true,
		...(page.place === 'end'
			? {
					nextAt: before.nextAt,
					...(before.loadedAt === undefined ? {} : {loadedAt: before.loadedAt}),
					...(before.every === undefined ? {} : {every: before.every}),
				}
			: {nextAt: now + every, every, loadedAt: now}),
	};
	return rearrange({...model, [list]: after}, list);
}

/** The plan or the name of the current organisation may have been changed elsewhere. */
export function withOrganisation(model: Model): Model {
	const organisation = model.organisations.items.find(({id}) => id === model.organisation?.id);
	return organisation === undefined ? model : {...model, organisation};
}
