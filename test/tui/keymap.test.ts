import test from 'ava';
import {hintsFor} from '../../tui/components/hints.tsx';
import {foundEntries, helpEntries, helpFlow} from '../../tui/keyboard/help-entries.ts';
import {bindings, type Context, keymap} from '../../tui/keyboard/keymap.ts';
import {keyNames} from '../../tui/keyboard/key-names.ts';
import {kindOf, kinds} from '../../tui/app/kinds.ts';
import {newListScreen} from '../../tui/screens/kinds/list/open.ts';
import type {Screen} from '../../tui/app/screens.ts';
import {lists, type TableName} from '../../tui/app/lists.ts';
import type {TableScreen} from '../../tui/screens/kinds/list/screen.ts';
import {loggedIn} from './driven.ts';
import {width} from '../../tui/text/width.ts';

const {form, parts, haveCode, cancel, choice, stop, palette} = keymap;

/** The contexts that hold together on one screen. */
const screens: Record<string, readonly Context[]> = {
	...listScreens(),
	...plainScreens(),
	palette: [palette],
	form: [form, cancel],
	formInParts: [form, parts, cancel],
	logIn: [form, haveCode, cancel],
	chooseLogIn: [choice, haveCode, stop],
};

/** Every context, by a name that tells where it is from. */
const contexts = new Map<Context, string>([
	...Object.entries(screens).flatMap(([screen, together]) =>
		together.map((context) => [context, screen] as const),
	),
	...Object.entries(keymap).map(([name, context]) => [context, name] as const),
]);

/** The contexts of screens that do not depend on what is shown there. */
function plainScreens(): Record<string, readonly Context[]> {
	const {model} = loggedIn();
	const contextsOf = (screen: {type: Screen['type']; problem?: string}) =>
		kindOf(screen as Screen).contexts(screen as Screen, model);
	const types = [
		'key',
		'explain',
		'keyUsage',
		'overview',
		'outcomes',
		'settings',
		'connect',
		'auditEntry',
		'webhookTest',
		'delivery',
		'health',
		'device',
	] as const;
	return {
		...Object.fromEntries(types.map((type) => [type, contextsOf({type})])),
		'device, failed': contextsOf({type: 'device', problem: 'expired'}),
	};
}

/** The contexts of every screen that is a list, without and with a filter. */
function listScreens(): Record<string, readonly Context[]> {
	const {model} = loggedIn();
	return Object.fromEntries(
		Object.keys(kinds).flatMap((type) => {
			if (!(type in lists)) return [];
			const screen = newListScreen(model, type as TableName);
			const filtered = {...screen, filter: {...screen.filter, applied: 'x'}} as TableScreen;
			return [
				[type, kindOf(screen).contexts(screen, model)],
				[`${type}, filtered`, kindOf(filtered).contexts(filtered, model)],
			];
		}),
	);
}

test('no two commands of a context share a key', (t) => {
	t.true(contexts.size >= 40);
	for (const [context, name] of contexts) {
		const keys = bindings(context).flatMap(([, {keys: bound}]) => bound);
		t.deepEqual(keys, [...new Set(keys)], name);
	}
});

test('on one screen a key has one meaning, but for esc, which first clears a filter', (t) => {
	for (const [screen, together] of Object.entries(screens)) {
		const keys = together
			.flatMap((context) => bindings(context).flatMap(([, {keys: bound}]) => bound))
			.filter((key) => key !== 'escape');
		t.deepEqual(keys.toSorted(), [...new Set(keys)].toSorted(), screen);
	}
});

test('keys that terminals, multiplexers and Docker keep for themselves are not bound', (t) => {
	const taken = 'sqzabphim'.split('').map((letter) => `ctrl-${letter}`);
	for (const [context, name] of contexts) {
		for (const [command, {keys}] of bindings(context)) {
			for (const key of keys) {
				t.false(
					taken.includes(key) || key === 'delete' || key === 'backspace',
					`${name}.${command}`,
				);
			}
		}
	}
});

test('hints fit any width from 60 columns on, and never lose help', (t) => {
	for (const together of Object.values(screens)) {
		for (let columns = 60; columns <= 200; columns++) {
			const hints = hintsFor({contexts: together, columns, leavesTo: 'back'});
			const total = hints.reduce((sum, {key, text}) => sum + width(` ${key} ${text} `), 0);
			t.true(total <= columns);
			if (together.includes(keymap.everywhere)) t.true(hints.some(({key}) => key === '?'));
		}
	}
});

test('help has every key of a screen, in lines that fit beside each other at 80 columns', (t) => {
	for (const together of Object.values(screens)) {
		const entries = helpEntries(together);
		for (const {labels, help} of entries) {
			t.true(width(labels) <= 13, labels);
			t.true(width(help) <= 40 - 16, help);
		}
		const commands = together.flatMap((context) => bindings(context));
		t.true(entries.length >= commands.length - 1);
	}
});

test('wherever the cursor of help is, its line is seen, and all lines are reached', (t) => {
	for (const together of Object.values(screens)) {
		const entries = helpEntries(together);
		for (const [columns, rows] of [
			[60, 8],
			[80, 15],
			[200, 50],
		] as const) {
			const seen = entries.map((_, choice) => {
				const flow = helpFlow(entries, choice, {columns, rows});
				const shown = flow.columns.flatMap((lines) => lines.slice(flow.first, flow.first + rows));
				return shown.some((line) => line !== undefined && 'at' in line && line.at === choice);
			});
			t.true(seen.every(Boolean), `${columns}x${rows}`);
		}
	}
});

test('help is searched by words and keys', (t) => {
	const entries = helpEntries(screens['keys'] ?? []);
	const found = (wanted: string) => foundEntries(entries, wanted).map(({help}) => help);
	t.deepEqual(found('health'), ['Health']);
	t.true(found('mark').includes('Mark all that are shown'));
	t.deepEqual(found('no such thing'), []);
	t.is(found('').length, entries.length);
});

test('a held key is taken apart, and what is not a key is dropped', (t) => {
	t.deepEqual(keyNames('jjj', {}), ['j', 'j', 'j']);
	t.deepEqual(keyNames('ab\r', {}), ['a', 'b', 'enter']);
	t.deepEqual(keyNames('', {upArrow: true}), ['up']);
	t.deepEqual(keyNames('c', {ctrl: true}), ['ctrl-c']);
	t.deepEqual(keyNames('', {tab: true, shift: true}), ['shift-tab']);
	t.deepEqual(keyNames('数e\u0301', {}), ['数', 'e\u0301']);
	t.deepEqual(keyNames('\u0015ab', {}), ['ctrl-u', 'a', 'b']);
	t.deepEqual(keyNames('\u0000\u001F\u009B', {}), []);
	t.deepEqual(keyNames('x', {eventType: 'release'}), []);
});

test('escape and the next key are two presses, also where both come in one read', (t) => {
	t.deepEqual(keyNames('4', {meta: true}), ['escape', '4']);
	t.deepEqual(keyNames('N', {meta: true, shift: true}), ['escape', 'N']);
	t.deepEqual(keyNames('', {meta: true, return: true}), ['escape', 'enter']);
	t.deepEqual(keyNames('', {meta: true, tab: true}), ['escape', 'tab']);
	t.deepEqual(keyNames('', {meta: true, escape: true}), ['escape', 'escape']);
	t.deepEqual(keyNames('u', {meta: true, ctrl: true}), ['escape', 'ctrl-u']);
	// These a terminal tells from Escape: Alt and an arrow moves as the arrow does.
	t.deepEqual(keyNames('', {meta: true, leftArrow: true}), ['left']);
	t.deepEqual(keyNames('', {meta: true, backspace: true}), ['ctrl-w']);
	t.deepEqual(keyNames('', {meta: true}), [], 'Alt and F1');
});
