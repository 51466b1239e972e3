/* The keys of the keyboard: the names that keymap.ts has for them, and what people call them. */
import type {Key} from 'ink';
import {graphemes} from '../text/width.ts';

type Pressed = Partial<Key>;

const named = [
	['upArrow', 'up'],
	['downArrow', 'down'],
	['leftArrow', 'left'],
	['rightArrow', 'right'],
	['pageUp', 'pageup'],
	['pageDown', 'pagedown'],
	['home', 'home'],
	['end', 'end'],
	['return', 'enter'],
	['escape', 'escape'],
	['backspace', 'backspace'],
	// Most terminals send 0x7F for the backspace key; Ink 8 already calls that backspace.
	['delete', 'delete'],
] as const satisfies readonly (readonly [keyof Key, string])[];

const controls: Record<string, string> = {
	'\r': 'enter',
	'\n': 'enter',
	'\t': 'tab',
	'\u001B': 'escape',
};

/**
 * The keys of one input event, by the names of keymap.ts. A held or quickly typed key arrives as
 * one string (`jjj`), so printable text is taken apart.
 */
export function keyNames(input: string, key: Pressed): string[] {
	if (key.eventType === 'release') return [];
	const names = pressed(input, key);
	if (key.meta !== true || !escaped(names)) return names;
	// As shells have it, where a terminal sends Alt so.
	if (names[0] === 'backspace') return ['ctrl-w'];
	return ['escape', ...names];
}

/**
 * Whether what Ink calls Alt was Escape and the next key, which came in one read: nothing is bound
 * to Alt. Of keys that have sequences of their own a terminal tells Alt otherwise; those that mean
 * nothing here (F1) mean nothing with it.
 */
function escaped([name]: readonly string[]): boolean {
	if (name === undefined) return false;
	return !['up', 'down', 'left', 'right', 'pageup', 'pagedown', 'home', 'end', 'delete'].includes(
		name,
	);
}

function pressed(input: string, key: Pressed): string[] {
	if (key.tab === true) return [key.shift === true ? 'shift-tab' : 'tab'];
	for (const [flag, name] of named) if (key[flag] === true) return [name];
	if (key.ctrl === true) return input.length === 1 ? [`ctrl-${input}`] : [];
	return graphemes(input).flatMap((character) => {
		const code = character.codePointAt(0) ?? 0;
		if (code >= 0x20) return code >= 0x7f && code <= 0x9f ? [] : [character];
		const letter = code === 0 || code > 26 ? undefined : String.fromCodePoint(code + 0x60);
		const name = controls[character] ?? (letter === undefined ? undefined : `ctrl-${letter}`);
		return name === undefined ? [] : [name];
	});
}

/** Whether a key name is text to be typed. */
export function isText(key: string): boolean {
	return key !== '' && (key.length === 1 || graphemes(key).length === 1);
}

const shownNames: Record<string, string> = {
	escape: 'esc',
	up: '↑',
	down: '↓',
	left: '←',
	right: '→',
	pagedown: 'PgDn',
	pageup: 'PgUp',
	home: 'Home',
	end: 'End',
	'shift-tab': 'S-tab',
	' ': 'space',
};

/** A key as people call it. */
export function keyLabel(key: string): string {
	const [, control] = /^ctrl-(.)$/.exec(key) ?? [];
	return control === undefined ? (shownNames[key] ?? key) : `Ctrl-${control.toUpperCase()}`;
}
