import type {Model, Step} from '../../app/model.ts';
import {may, push, say} from '../../app/navigation.ts';
import {noFilter} from '../../components/filter.ts';
import {topOfTable} from '../../components/table/state.ts';
import {askOnceDue} from './ask.ts';
import type {LiveScreen} from './screen.ts';

/** Whether looking would be more than a refusal. */
export function mayLookOn(model: Model): boolean {
	return model.link.state !== 'offline' && may(model, 'audit:read');
}

/**
 * Shows what is decided from now on, about one key or all of them.
 *
 * @param now in ms since the epoch
 */
export function openLive(
	model: Model,
	now: number,
	key?: {readonly id: string; readonly name: string},
): Step {
	if (!may(model, 'audit:read')) {
		return [say(model, now, 'Only owners and admins may look at decisions', 'warning')];
	}
	const screen: LiveScreen = {
		type: 'live',
		...(key === undefined ? {} : {key: {id: key.id, name: key.name}}),
		paused: false,
		filter: noFilter,
		rows: [],
		count: 0,
		table: topOfTable,
		nextAt: 0,
	};
	return askOnceDue(push(model, screen), screen, now);
}
