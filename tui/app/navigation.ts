import type {Organisation} from '../../contract/organisations.ts';
import {allows, type Permission} from '../../contract/permissions.ts';
import type {Tone} from '../theme.ts';
import {noSparks} from '../usage/sparks.ts';
import type {Effect} from './effect.ts';
import {type ListName, lists, type TableName, unreadOf} from './lists.ts';
import type {Model} from './model.ts';
import type {Screen} from './screens.ts';

/* Which screen is shown, how much room it has, who is logged in and where, and what they may do. */

export const smallest = {columns: 60, rows: 16};
/** From here on a pane beside the table shows all of the row under the cursor. */
const paneFrom = 140;
/** What the pane has at least, and what the table keeps before the pane has more. */
const [leastPane, besidePane, widestPane] = [52, 124, 90];

export function top(model: Model): Screen {
	return model.screens.at(-1) ?? {type: 'connect'};
}

export function setTop(model: Model, screen: Screen): Model {
	return {...model, screens: [...model.screens.slice(0, -1), screen]};
}

export function push(model: Model, screen: Screen): Model {
	return {...model, screens: [...model.screens, screen]};
}

export function pop(model: Model): Model {
	return {...model, screens: model.screens.slice(0, -1)};
}

/** Back from a question or a choice: nobody should wonder whether it was done. */
export function cancel(model: Model, now: number, kept: string): Model {
	return say(pop(model), now, `Cancelled: ${kept}`);
}

const noticeStays = 8000;

export function say(model: Model, now: number, text: string, tone: Tone = 'plain'): Model {
	return {...model, notice: {text, tone, until: now + noticeStays}};
}

/** A lower terminal has the row of the rule under the frame's head for its content. */
const ruleFrom = 18;

export function hasRule({size}: Model): boolean {
	return size.rows >= ruleFrom;
}

/** Rows of the frame above the content: the place, the line of screens (once logged in), the rule. */
function frameHead(model: Model): number {
	return 1 + (model.me === undefined ? 0 : 1) + (hasRule(model) ? 1 : 0);
}

/** Rows between the frame's head and the status line: what a screen has for itself. */
export function bodyRows(model: Model): number {
	return Math.max(1, model.size.rows - frameHead(model) - 2);
}

/** Whether the plan of the organisation has every key of it refused. */
export function refusesKeys({organisation}: Model): boolean {
	return organisation !== undefined && organisation.plan !== 'team';
}

/** Rows of a table that fit: what a screen has, without the lines above the table and its titles. */
export function tableHeight(model: Model): number {
	const {type} = top(model);
	const hasBanner = (type === 'keys' || type === 'key') && refusesKeys(model);
	return Math.max(1, bodyRows(model) - (hasBanner ? 3 : 2));
}

export function hasPane(model: Model): boolean {
	const {size, arrangements} = model;
	const {type} = top(model);
	// A wide table takes all of the width.
	const isWide = type in arrangements && arrangements[type as TableName]?.wide === true;
	return size.columns >= paneFrom && !isWide;
}

/** The columns of that pane, where there is one. */
export function paneWidth({size}: Model): number {
	return Math.max(leastPane, Math.min(widestPane, size.columns - besidePane));
}

/** Whether whoever is logged in may do this, by the server's own table. */
export function may(model: Model, permission: Permission): boolean {
	if (model.me === undefined) return false;
	if (model.me.operator) return true;
	return model.me.role !== null && allows(permission, model.me.role);
}

/** Whether whoever is logged in may read a list. */
export function mayRead(model: Model, list: ListName): boolean {
	const {readers} = lists[list];
	return readers === 'everybody' || may(model, readers);
}

/** Asks who is logged in, and with what role in the current organisation (or in that of the profile). */
export function identify({organisation, home, epoch}: Model): Effect {
	return {do: 'identify', organisation: organisation?.id ?? home, epoch};
}

/** The model in another organisation, without what belonged to the old one. */
export function enter(model: Model, organisation: Organisation | undefined): Model {
	const {organisation: _, before: _before, ...rest} = model;
	return {
		...rest,
		...(organisation === undefined ? {} : {organisation}),
		...unreadOf('organisation'),
		queries: {},
		sparks: noSparks,
		epoch: model.epoch + 1,
	};
}

/** The model with nobody logged in, without what belonged to the user. */
export function leave(model: Model): Model {
	const {me: _, ...rest} = enter(model, undefined);
	return {...rest, ...unreadOf('user')};
}

/** Whether a change could be sent now. */
export function canChange({readOnly, link}: Model): boolean {
	return !readOnly && link.state !== 'offline';
}
