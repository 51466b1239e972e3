import {isDeepStrictEqual} from 'node:util';
import type {Effect, Event} from './effect.ts';
import {onHelpKey, onHelpPaste} from './help.ts';
import {
	afterKey,
	afterPaste,
	hasField,
	isDeaf,
	notPasted,
	onQuestion,
	passedOver,
	pastedText,
} from './hearing.ts';
import {kindOf} from './kinds.ts';
import {loadHealthOnceDue, loadOnceDue, requery} from './loading.ts';
import {keyInPaste, openKey, takeTyped} from './leaked.ts';
import type {Model, Step} from './model.ts';
import {listOf, rearrange} from './on-screens.ts';
import {say, smallest, top} from './navigation.ts';
import {onAnswer} from './on-answer.ts';
import {onFailure} from './on-failure.ts';
import {onPaletteKey, onPalettePaste} from './palette/state.ts';
import {press} from './press.ts';
import {isTable} from './screens.ts';
import {longestPaste} from '../components/text-field/state.ts';

/** The one way the model changes: an event at an instant gives the next model and its effects. */
export function update(model: Model, event: Event, now: number): Step {
	const [next, ...effects] = react(model, event, now);
	// A log-in that is asked for is no screen that somebody has gone to: what was done is still to be read.
	const told = event.type === 'failed' ? next : withoutOldNews(model, next);
	return [onQuestion(model, told, now), ...effects];
}

function react(model: Model, event: Event, now: number): Step {
	if (event.type === 'key') return onKey(model, event.key, now);
	if (event.type === 'keys') return onKeys(model, event.keys, now);
	if (event.type === 'paste') return onPaste(model, event.text, now);
	if (event.type === 'resized') return [resize(model, event)];
	if (event.type === 'tick') return tick(model, now);
	if (event.type === 'failed') return onFailure(model, event, now);
	return onAnswer(model, event, now);
}

export function tooSmall({size}: Model): boolean {
	return size.columns < smallest.columns || size.rows < smallest.rows;
}

/** Each key of a read by itself, unless together they are no keys: judged anew where a field has opened. */
function onKeys(model: Model, keys: readonly string[], now: number): Step {
	let next = model;
	const all: Effect[] = [];
	for (const [index, key] of keys.entries()) {
		const rest = keys.slice(index);
		const isNew = index === 0 || hasField(next) !== hasField(model);
		const isSeveral = rest.length > 1 || now < next.hearing.pastedUntil;
		const text = isNew && isSeveral ? pastedText(next, rest, now) : undefined;
		const [after, ...effects] =
			text === undefined
				? update(next, {type: 'key', key}, now)
				: onPaste(afterPaste(next, now), text, now);
		next = after;
		all.push(...effects);
		if (text !== undefined) break;
	}
	return [next, ...all];
}

function onKey(model: Model, key: string, now: number): Step {
	if (key === 'ctrl-c') return interrupt(model, now);
	if (key === 'ctrl-l') return [model, {do: 'repaint'}];
	if (key === 'ctrl-z') return [model, {do: 'suspend'}];
	const calm: Model = model.quitAsked ? {...model, quitAsked: false} : model;
	if (calm.help !== undefined) return takeTyped(onHelpKey(calm, calm.help, key, now), now);
	// Nothing may be decided on a screen that cannot be read.
	if (tooSmall(calm)) return [calm, ...(key === 'q' ? [{do: 'quit', status: 0} as const] : [])];
	if (calm.palette === undefined) {
		const deaf = passedOver(calm, key, now);
		if (deaf !== undefined) return [deaf];
	}
	const step =
		calm.palette === undefined ? press(calm, key, now) : onPaletteKey(calm, calm.palette, key, now);
	const [next, ...effects] = afterKey(calm, step, key, now);
	return asAsked(calm, takeTyped([next, ...effects], now));
}

/**
 * Back on a list that a screen on top of it had narrowed to something else, it is read anew, as its own
 * screen asks for it.
 */
function asAsked(before: Model, step: Step): Step {
	const [model, ...effects] = step;
	const screen = top(model);
	if (screen === top(before) || !isTable(screen) || model.epoch !== before.epoch) return step;
	const query = kindOf(screen).asks?.(screen, model) ?? {};
	const {type} = screen;
	if (screen.filter.open || isDeepStrictEqual(query, model.queries[type] ?? {})) return step;
	const wanted = Object.keys(query).length === 0 ? undefined : query;
	const [next, ...more] = requery(model, type, wanted);
	return [next, ...effects, ...more];
}

/** What was said on one screen is not said under another. */
function withoutOldNews(before: Model, after: Model): Model {
	const {notice, ...rest} = after;
	if (notice === undefined || notice !== before.notice) return after;
	const isElsewhere =
		before.screens.length !== after.screens.length || top(before).type !== top(after).type;
	return isElsewhere ? rest : after;
}

function onPaste(model: Model, text: string, now: number): Step {
	if (tooSmall(model)) return [model];
	const secret = keyInPaste(model, text);
	if (secret !== undefined && top(model).type !== 'leakedKey') return openKey(model, secret, now);
	if (isDeaf(model, now)) return [notPasted(model, now)];
	if (hasField(model) && text.length > longestPaste)
		return [say(model, now, tooLong(text), 'warning')];
	if (model.help !== undefined) return [onHelpPaste(model, model.help, text)];
	if (model.palette !== undefined) return onPalettePaste(model, model.palette, text);
	const screen = top(model);
	const step = kindOf(screen).onPaste?.(model, screen, text, now) ?? [model];
	return step[0] === model ? [notPasted(model, now)] : step;
}

function tooLong({length}: string): string {
	const [given, most] = [length, longestPaste].map((count) => count.toLocaleString('en'));
	return `Not pasted: it has ${given} characters, and a field takes ${most} at once`;
}

/** Ctrl-C quits, but asks once where that would lose something. */
function interrupt(model: Model, now: number): Step {
	const screen = top(model);
	const lost = kindOf(screen).loses?.(screen);
	if (model.quitAsked || lost === undefined) return [model, {do: 'quit', status: 130}];
	return [{...say(model, now, `${lost} Ctrl-C once more quits`, 'warning'), quitAsked: true}];
}

function resize(model: Model, size: {columns: number; rows: number}): Model {
	return rearrange({...model, size: {columns: size.columns, rows: size.rows}});
}

/** Relative times are redrawn this often; more often would keep an idle console busy. */
const clockStep = 10_000;

/** Once a second; answers the same model when nothing is due, so that nothing is drawn. */
function tick(model: Model, now: number): Step {
	let next = model;
	if (next.notice !== undefined && now >= next.notice.until) {
		const {notice: _, ...rest} = next;
		next = rest;
	}
	if (now - next.now >= clockStep) next = {...next, now};
	const {link} = next;
	if (link.state === 'offline') {
		if (link.probing || now < link.retryAt) return [next];
		return [{...next, link: {...link, probing: true}}, {do: 'probe'}];
	}
	const screen = top(next);
	const {typing, onTick} = kindOf(screen);
	const covered = next.help !== undefined || next.palette !== undefined;
	const quiet = next.paused || covered || typing(screen);
	const list = listOf(screen);
	const [after, ...effects] =
		onTick !== undefined
			? onTick(next, screen, now, quiet)
			: list === undefined
				? ([next] satisfies Step)
				: loadOnceDue(next, list, now, quiet);
	const [last, ...more] = loadHealthOnceDue(after, now);
	return [last, ...effects, ...more];
}
