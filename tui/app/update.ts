import {rearrange} from '../screens/list/rows.ts';
import {scrolled} from '../components/scroll.ts';
import {deliveryTick} from '../screens/delivery/read.ts';
import {deviceTick} from '../screens/device/state.ts';
import {answered} from './answered.ts';
import {belongsTo, commandFor} from '../keymap.ts';
import {helpLayout, helpLines} from '../help-lines.ts';
import {contextsOf, kindOf} from './kinds.ts';
import {
	bodyRows,
	type Event,
	listOf,
	load,
	type Model,
	say,
	smallest,
	type Step,
	top,
} from './model.ts';
import {onPaletteKey, onPalettePaste} from './palette.ts';
import {losesSomething} from './screen.ts';

/** The one way the model changes: an event at an instant gives the next model and its effects. */
export function update(model: Model, event: Event, now: number): Step {
	if (event.type === 'key') return onKey(model, event.key, now);
	if (event.type === 'paste') return onPaste(model, event.text, now);
	if (event.type === 'resized') return [resize(model, event)];
	if (event.type === 'tick') return tick(model, now);
	return answered(model, event, now);
}

export function tooSmall({size}: Model): boolean {
	return size.columns < smallest.columns || size.rows < smallest.rows;
}

function onKey(model: Model, key: string, now: number): Step {
	if (key === 'ctrl-c') return interrupt(model, now);
	if (key === 'ctrl-l') return [model, {do: 'repaint'}];
	const calm: Model = model.quitAsked ? {...model, quitAsked: false} : model;
	if (calm.help !== undefined) return [onHelpKey(calm, calm.help, key)];
	// Nothing may be decided on a screen that cannot be read.
	if (tooSmall(calm)) return [calm, ...(key === 'q' ? [{do: 'quit', status: 0} as const] : [])];
	if (calm.palette !== undefined) return onPaletteKey(calm, calm.palette, key, now);
	return kindOf(top(calm)).onKey(calm, top(calm), key, now);
}

function onHelpKey(model: Model, offset: number, key: string): Model {
	const command = commandFor(['helping', 'list'], key);
	if (command === undefined) return model;
	if (belongsTo(['helping'], command)) {
		const {help: _, ...rest} = model;
		return rest;
	}
	const count = helpLines(contextsOf(top(model), model)).length;
	const layout = helpLayout(count, model.size.columns, bodyRows(model));
	return {...model, help: scrolled(offset, command, layout)};
}

function onPaste(model: Model, text: string, now: number): Step {
	if (model.help !== undefined || tooSmall(model)) return [model];
	if (model.palette !== undefined) return [onPalettePaste(model, model.palette, text)];
	return kindOf(top(model)).onPaste?.(model, top(model), text, now) ?? [model];
}

/** Ctrl-C quits, but asks once where that would lose something. */
function interrupt(model: Model, now: number): Step {
	const screen = top(model);
	if (model.quitAsked || !losesSomething(screen)) return [model, {do: 'quit', status: 130}];
	const warning =
		screen.type === 'reveal'
			? 'This is not shown again. Ctrl-C once more quits'
			: 'Nothing was sent. Ctrl-C once more quits';
	return [{...say(model, now, warning, 'warning'), quitAsked: true}];
}

function resize(model: Model, size: {columns: number; rows: number}): Model {
	return rearrange({...model, size: {columns: size.columns, rows: size.rows}});
}

/** Relative times are drawn anew this often; oftener would keep an idle console busy. */
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
	if (screen.type === 'device') return deviceTick(next, screen, now);
	const list = listOf(screen);
	const covered = next.help !== undefined || next.palette !== undefined;
	const quiet = next.paused || covered || kindOf(screen).typing(screen);
	if (screen.type === 'delivery' && !quiet) return deliveryTick(next, screen, now);
	if (list === undefined || quiet || now < next[list].nextAt) return [next];
	return load(next, list);
}
