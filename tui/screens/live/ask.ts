import {isDeepStrictEqual} from 'node:util';
import {watchSeconds} from '../../../contract/decisions.ts';
import type {Answer, Event} from '../../app/effect.ts';
import type {Model, Step} from '../../app/model.ts';
import {setTop} from '../../app/navigation.ts';
import {reasonOf} from '../../failure.ts';
import type {Query} from '../../text/filter-grammar.ts';
import {parseLiveFilter} from './filter.ts';
import {liveHeight, withDecisions} from './rows.ts';
import type {Asked, LiveScreen} from './screen.ts';

/** Servers tell what they decided once a second; the clock of the console ticks as often. */
export const askEvery = 900;
const askAgainAfter = 5000;

/** What the server is asked to narrow it to. */
function queryOf({key, filter}: LiveScreen): Query {
	const {query} = parseLiveFilter(filter.applied, filter.since ?? 0);
	return {...query, ...(key === undefined ? {} : {key_id: key.id})};
}

/** Asks what there was since the last answer, unless that is under way, held, or not due. */
export function askOnceDue(model: Model, screen: LiveScreen, now: number): Step {
	const {organisation, epoch} = model;
	const isDue = now >= screen.nextAt && screen.asking === undefined && !screen.paused;
	if (organisation === undefined || !isDue) return [model];
	const query = queryOf(screen);
	const {last} = screen;
	// What was decided while nobody looked is not known, and what was not asked for neither.
	const goesOn = last !== undefined && !isOld(last.at, now) && isDeepStrictEqual(last.query, query);
	const asking: Asked = {
		do: 'readDecisions',
		organisation: organisation.id,
		query,
		...(goesOn ? {after: last.after} : {}),
		epoch,
	};
	return [setTop(model, {...screen, asking}), asking];
}

function isOld(at: number, now: number): boolean {
	return now - at > watchSeconds * 1000;
}

/** Takes up what was told; undefined where another screen has asked. */
export function onDecisions(
	model: Model,
	screen: LiveScreen,
	event: Answer,
	now: number,
): Step | undefined {
	if (event.type !== 'decisionsRead' || event.of !== screen.asking) return undefined;
	const next = told(screen, event, now, liveHeight(model));
	return [{...model, screens: model.screens.map((each) => (each === screen ? next : each))}];
}

function told(
	screen: LiveScreen,
	{of, told: answer}: Extract<Answer, {type: 'decisionsRead'}>,
	now: number,
	height: number,
): LiveScreen {
	const {asking: _, problem: _problem, last, ...rest} = screen;
	const isNew = of.after === undefined;
	const isSame = last !== undefined && isDeepStrictEqual(last.query, of.query);
	const unseenMs = isNew && isSame ? now - last.at : undefined;
	const seconds = isNew || last === undefined ? undefined : (now - last.at) / 1000;
	const rate = seconds === undefined ? {} : {rate: answer.seen / Math.max(0.5, seconds)};
	const next = {
		...rest,
		nextAt: now + askEvery,
		last: {at: now, after: answer.after, query: of.query, ...rate},
	};
	return withDecisions(next, answer, unseenMs, height);
}

/** Nothing was told, and why: it is asked again a while later. */
export function hearOfFailure(
	screen: LiveScreen,
	event: Answer | Extract<Event, {type: 'failed'}>,
	now: number,
): LiveScreen {
	if (event.type !== 'failed' || event.effect !== screen.asking) return screen;
	const {asking: _, ...rest} = screen;
	const wait = Math.max(askAgainAfter, event.failure.details.retryAfter ?? 0);
	return {...rest, nextAt: now + wait, problem: reasonOf(event.failure)};
}
