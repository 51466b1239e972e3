import {commandFor, keymap} from '../keyboard/keymap.ts';
import {isText} from '../keyboard/key-names.ts';
import type {Model, Step} from './model.ts';
import {kindOf} from './kinds.ts';
import {say, top} from './navigation.ts';

/*
 * No slip of a key is an act. Where keys are commands, the console is deaf for a moment after a key that was
 * refused or did nothing: whoever types on without looking typed for a form that is not there. A question
 * is deaf until it can have been read, and to whoever types text into it.
 */

/** Nobody reads a question faster. */
const toRead = 250;
const afterSlip = 1000;
/** Letters that follow each other this fast are typed as text, from the third on. */
const between = 600;
const asText = 3;

/** Whether a key is to be passed over, and the model that knows of it. */
export function passedOver(model: Model, key: string, now: number): Model | undefined {
	const {hearing} = model;
	if (now >= hearing.deafUntil || isHarmless(model, key)) return undefined;
	// Whoever goes on typing, or holds a key down, has not looked yet.
	return deafen(model, now + (isText(key) ? between : toRead));
}

/** Only what begins something is passed over, and what answers a question: not the word that it asks for. */
function isHarmless(model: Model, key: string): boolean {
	const screen = top(model);
	// Whoever has begun its word has read it.
	if (screen.type === 'confirm' && screen.word !== undefined) {
		return key !== 'enter' || screen.text.value !== '';
	}
	if (isQuestion(model)) return key !== 'enter' && !isText(key);
	return !isText(key) || kindOf(screen).typing(screen) || isMove(key);
}

/** Whether a letter goes somewhere, and no more. */
function isMove(key: string): boolean {
	const command = commandFor([keymap.list, keymap.table, keymap.screens], key);
	return command !== undefined && command !== 'logOut';
}

function isQuestion(model: Model): boolean {
	const {type} = top(model);
	return type === 'confirm' || type === 'choice';
}

export function deafen(model: Model, until: number): Model {
	const deafUntil = Math.max(model.hearing.deafUntil, until);
	return {...model, hearing: {...model.hearing, deafUntil}};
}

/** After a key: the model is deaf where it was refused or did nothing, and goes on so while text is typed. */
export function afterKey(before: Model, [model, ...effects]: Step, key: string, now: number): Step {
	if (before.palette !== undefined) return [model, ...effects];
	if (!isText(key)) return [withoutLetters(model), ...effects];
	const screen = top(before);
	const isTyping = hasField(before) || (kindOf(screen).typing(screen) && !isQuestion(before));
	if (isTyping) return [model, ...effects];
	const typed = withLetter(model, key, now);
	const heard = now < before.hearing.deafUntil ? deafen(typed, now + between) : typed;
	if (isMove(key) || effects.length > 0 || !isSame(before, model)) return [heard, ...effects];
	const deaf = deafen(heard, now + afterSlip);
	// Refused, and it was said why.
	if (model.notice !== before.notice) return [deaf];
	// Letters are no answer to a question: whoever types them means something else.
	const told = isQuestion(before)
		? 'Letters do nothing here: enter goes ahead, esc cancels'
		: `${key} does nothing here; ? shows what does`;
	return [say(deaf, now, told)];
}

/** Whether nothing is different, but for what is said. */
function isSame({notice: _b, ...before}: Model, {notice: _a, ...after}: Model): boolean {
	return Object.entries(after).every(
		([name, value]) => value === before[name as keyof typeof before],
	);
}

/** A question that has just come is deaf until it can have been read; what was under one that is gone is not. */
export function onQuestion(before: Model, after: Model, now: number): Model {
	if (!isQuestion(after)) {
		if (!isQuestion(before)) return after;
		return {...after, hearing: {...after.hearing, deafUntil: 0}};
	}
	if (isSameQuestion(before, after)) return after;
	const isTyped = after.hearing.streak >= asText && now - after.hearing.lastAt < between;
	if (isTyped) return deafen(after, now + afterSlip);
	// The cursor of a choice is on what is, or on what does least.
	return top(after).type === 'choice' ? after : deafen(after, now + toRead);
}

function isSameQuestion(before: Model, after: Model): boolean {
	const [was, is] = [top(before), top(after)];
	return was.type === is.type && 'name' in was && 'name' in is && was.name === is.name;
}

/** A key that is held down is one letter. */
function withLetter(model: Model, key: string, now: number): Model {
	const {hearing} = model;
	const isNext = now - hearing.lastAt < between;
	const streak = !isNext ? 1 : key === hearing.last ? hearing.streak : hearing.streak + 1;
	return {...model, hearing: {...hearing, last: key, lastAt: now, streak}};
}

/** A word is letters, and nothing between them. */
function withoutLetters(model: Model): Model {
	const {hearing} = model;
	return hearing.streak === 0 ? model : {...model, hearing: {...hearing, streak: 0}};
}

/** How long a terminal may take to hand over the next piece of what was pasted. */
const pieces = 150;

/**
 * What one read had, where that was pasted and not typed: a terminal that does not tell hands it over as
 * keys. Text fields take what is typed ahead, up to a few lines; what follows `/` or `:` is for a field.
 */
export function pastedText(model: Model, keys: readonly string[], now: number): string | undefined {
	const text = keys.map((key) => (isText(key) ? key : (lineKeys[key] ?? ''))).join('');
	if (now < model.hearing.pastedUntil) return text;
	if (hasField(model)) return isLong(text) ? text : undefined;
	const opens = keys.findIndex((key) => key === '/' || key === ':');
	const commands = isQuestion(model) || opens === -1 ? keys : keys.slice(0, opens);
	return isNoCommand(commands) ? text : undefined;
}

/** Whether letters are text now. */
export function hasField(model: Model): boolean {
	const screen = top(model);
	if (model.help !== undefined) return model.help.search !== undefined;
	if (model.palette !== undefined) return true;
	if (screen.type === 'confirm') return screen.word !== undefined;
	return screen.type !== 'choice' && kindOf(screen).typing(screen);
}

const lineKeys: Readonly<Record<string, string>> = {enter: '\n', tab: '\t', 'ctrl-j': '\n'};

function isLong(text: string): boolean {
	return text.length > 200 && /[\n\t]/.test(text);
}

/** Keys that nobody presses at once: a line, or several different letters. A held key repeats one. */
function isNoCommand(keys: readonly string[]): boolean {
	const letters = keys.filter((key) => isText(key) && commandFor([keymap.list], key) === undefined);
	if (new Set(letters).size === 0) return false;
	return keys.includes('enter') || (letters.length > 4 && new Set(letters).size > 1);
}

/** What follows at once belongs to it. */
export function afterPaste(model: Model, now: number): Model {
	return {...model, hearing: {...model.hearing, pastedUntil: now + pieces}};
}

/** Nothing took what was pasted: whoever pasted it meant another screen. */
export function notPasted(model: Model, now: number): Model {
	const deaf = deafen(model, now + afterSlip);
	return say(deaf, now, 'Pasted text is not taken as keys: paste it into a field, or after /');
}

/** Whether text comes too soon for the question that is shown. */
export function isDeaf(model: Model, now: number): boolean {
	return isQuestion(model) && !hasField(model) && now < model.hearing.deafUntil;
}
