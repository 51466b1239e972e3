import {isText} from '../../keyboard/key-names.ts';
import {typed} from '../../text/clean.ts';
import {graphemes} from '../../text/width.ts';

/** One line of text and where the next character goes, counted in graphemes. */
export type TextField = {readonly value: string; readonly cursor: number};

export type TextAction =
	/** `paste` may stand for all that is there; `insert` never does. */
	| {type: 'insert' | 'paste'; text: string}
	| {type: 'erase'; what: 'before' | 'after' | 'word' | 'line'}
	| {type: 'move'; to: 'left' | 'right' | 'start' | 'end'};

/** Longer than anything the API takes, such as a hundred scopes: more at once is a file, and refused. */
export const longestPaste = 16_384;

export const emptyField: TextField = {value: '', cursor: 0};

export function fieldOf(value: string): TextField {
	return {value, cursor: graphemes(value).length};
}

/** What a key does in a text field; undefined for keys that are not its business. */
export function textFieldKey(key: string): TextAction | undefined {
	const editing = editingKeys[key];
	if (editing !== undefined) return editing;
	return isText(key) ? {type: 'insert', text: key} : undefined;
}

const editingKeys: Record<string, TextAction> = {
	backspace: {type: 'erase', what: 'before'},
	delete: {type: 'erase', what: 'after'},
	'ctrl-w': {type: 'erase', what: 'word'},
	'ctrl-u': {type: 'erase', what: 'line'},
	left: {type: 'move', to: 'left'},
	right: {type: 'move', to: 'right'},
	home: {type: 'move', to: 'start'},
	end: {type: 'move', to: 'end'},
	'ctrl-e': {type: 'move', to: 'end'},
};

export function reduceTextField(field: TextField, action: TextAction): TextField {
	const characters = graphemes(field.value);
	const {cursor} = field;
	switch (action.type) {
		case 'paste':
		case 'insert': {
			if (action.type === 'paste' && replaces(action.text, field.value)) {
				return fieldOf(typed(action.text).trim());
			}
			const before = characters.slice(0, cursor).join('') + typed(action.text);
			const after = characters.slice(cursor).join('');
			// Counted anew: a combining mark joins the character before it.
			return {value: before + after, cursor: graphemes(before).length};
		}
		case 'erase':
			return erase(characters, cursor, action.what);
		case 'move': {
			const targets = {
				left: Math.max(0, cursor - 1),
				right: Math.min(characters.length, cursor + 1),
				start: 0,
				end: characters.length,
			};
			return {...field, cursor: targets[action.to]};
		}
	}
}

/** Whether what is pasted is another address, or email, in place of the one, or the `https://`, there. */
function replaces(pasted: string, value: string): boolean {
	const text = pasted.trim();
	return [/^https?:\/\/\S*$/i, /^[^\s@]+@[^\s@]+$/].some(
		(whole) => whole.test(text) && whole.test(value),
	);
}

function erase(
	characters: readonly string[],
	cursor: number,
	what: 'before' | 'after' | 'word' | 'line',
): TextField {
	const from = {
		before: Math.max(0, cursor - 1),
		after: cursor,
		word: startOfWord(characters, cursor),
		line: 0,
	}[what];
	const to = what === 'after' ? cursor + 1 : cursor;
	return {value: [...characters.slice(0, from), ...characters.slice(to)].join(''), cursor: from};
}

function startOfWord(characters: readonly string[], cursor: number): number {
	let start = cursor;
	while (start > 0 && characters[start - 1] === ' ') start--;
	while (start > 0 && characters[start - 1] !== ' ') start--;
	return start;
}

/** The part of the field that fits `columns`, split at the cursor so that it can be marked. */
export function visiblePart(
	field: TextField,
	columns: number,
	widthOf: (text: string) => number,
): {before: string; at: string; after: string} {
	const characters = graphemes(field.value);
	const at = characters[field.cursor] ?? ' ';
	let before = '';
	let after = '';
	let used = Math.max(1, widthOf(at));
	for (let index = field.cursor - 1; index >= 0; index--) {
		const character = characters[index] ?? '';
		if (used + widthOf(character) > columns) break;
		used += widthOf(character);
		before = character + before;
	}
	for (let index = field.cursor + 1; index < characters.length; index++) {
		const character = characters[index] ?? '';
		if (used + widthOf(character) > columns) break;
		used += widthOf(character);
		after += character;
	}
	return {before, at, after};
}
