import {lists, type ListName} from './lists.ts';
import type {Model} from './model.ts';
import type {Loaded} from './pages.ts';

/**
 * Whether two models are drawn as the same frame: that a list is being read again, and when it will be, is
 * not shown, nor which keys were pressed. A frame costs more than all else of an idle console.
 */
export function looksSame(before: Model, after: Model): boolean {
	const names = Object.keys({...before, ...after}) as (keyof Model)[];
	return names.every((name) => {
		if (before[name] === after[name] || name === 'hearing') return true;
		if (name === 'sparks') return before.sparks.read === after.sparks.read;
		return isList(name) && isShownAlike(before[name], after[name]);
	});
}

function isList(name: keyof Model): name is ListName {
	return Object.hasOwn(lists, name);
}

/** Of a list that was never read, it is told that it is being read. */
function isShownAlike(before: Loaded<unknown>, after: Loaded<unknown>): boolean {
	const {loading: wasLoading, nextAt: _before, ...was} = before;
	const {loading: isLoading, nextAt: _after, ...is} = after;
	const isTold = is.loadedAt === undefined && wasLoading !== isLoading;
	const names = Object.keys({...was, ...is}) as (keyof typeof is)[];
	return !isTold && names.every((name) => was[name] === is[name]);
}
