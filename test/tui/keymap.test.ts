import test from 'ava';
import {hintsFor} from '../../tui/components/hints.tsx';
import {helpLayout, helpLines} from '../../tui/help-lines.ts';
import {bindings, type Context, keymap} from '../../tui/keymap.ts';
import {keyNames} from '../../tui/keys.ts';
import {listSpecs} from '../../tui/screens/list/specs.ts';
import {width} from '../../tui/text/width.ts';

const contexts = Object.keys(keymap) as Context[];

/** The contexts that hold together on one screen. */
const screens: Record<string, readonly Context[]> = {
	keys: ['keys', 'list', 'back', 'screens', 'everywhere'],
	key: ['key', 'back', 'screens', 'everywhere'],
	...Object.fromEntries(
		Object.entries(listSpecs).map(([list, {context}]) => [
			list,
			[context, 'table', 'list', 'back', 'screens', 'everywhere'] as const,
		]),
	),
	outcomes: ['outcomes', 'list', 'back', 'screens', 'everywhere'],
	settings: ['settings', 'list', 'back', 'screens', 'everywhere'],
	palette: ['palette'],
	form: ['form', 'cancel'],
	logIn: ['form', 'haveCode', 'cancel'],
	chooseLogIn: ['choice', 'haveCode', 'stop'],
	connect: ['connect', 'everywhere'],
};

test('no two commands of a context share a key', (t) => {
	for (const context of contexts) {
		const keys = bindings(context).flatMap(([, {keys: bound}]) => bound);
		t.deepEqual(keys, [...new Set(keys)], context);
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
	for (const context of contexts) {
		for (const [command, {keys}] of bindings(context)) {
			for (const key of keys) {
				t.false(
					taken.includes(key) || key === 'delete' || key === 'backspace',
					`${context}.${command}`,
				);
			}
		}
	}
});

test('hints fit any width from 60 columns on, and never lose help', (t) => {
	for (const together of Object.values(screens)) {
		for (let columns = 60; columns <= 200; columns++) {
			const hints = hintsFor(together, columns, 'back');
			const total = hints.reduce((sum, {key, text}) => sum + width(`${key} ${text}  `), 1);
			t.true(total <= columns);
			if (together.includes('everywhere')) t.true(hints.some(({key}) => key === '?'));
		}
	}
});

test('help has every key of a screen, in lines that fit beside each other at 80 columns', (t) => {
	for (const together of Object.values(screens)) {
		const lines = helpLines(together);
		const {sideBySide} = helpLayout(lines.length, 80, 21);
		for (const [keys, help] of lines) {
			t.true(width(keys) <= 14, keys);
			t.true(width(help) <= Math.floor(79 / sideBySide) - 15, help);
		}
		const commands = together.flatMap((context) => bindings(context));
		t.true(lines.length >= commands.length - 1);
	}
});

test('a held key is taken apart, and what is no key is dropped', (t) => {
	t.deepEqual(keyNames('jjj', {}), ['j', 'j', 'j']);
	t.deepEqual(keyNames('ab\r', {}), ['a', 'b', 'enter']);
	t.deepEqual(keyNames('', {upArrow: true}), ['up']);
	t.deepEqual(keyNames('c', {ctrl: true}), ['ctrl-c']);
	t.deepEqual(keyNames('', {tab: true, shift: true}), ['shift-tab']);
	t.deepEqual(keyNames('数e\u0301', {}), ['数', 'e\u0301']);
	t.deepEqual(keyNames('\u0015ab', {}), ['ctrl-u', 'a', 'b']);
	t.deepEqual(keyNames('\u0000\u001F\u009B', {}), []);
	t.deepEqual(keyNames('x', {meta: true}), []);
	t.deepEqual(keyNames('x', {eventType: 'release'}), []);
});
