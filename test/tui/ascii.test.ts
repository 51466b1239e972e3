import fs from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {kinds} from '../../tui/app/kinds.ts';
import {lists, type ListName, type TableName} from '../../tui/app/lists.ts';
import type {Model} from '../../tui/app/model.ts';
import {push} from '../../tui/app/navigation.ts';
import {glyphsFor, onlyAscii} from '../../tui/glyphs.ts';
import {newListScreen} from '../../tui/screens/kinds/list/open.ts';
import {spelled} from '../../tui/text/ascii.ts';
import {away, created, detail, loggedIn, type Driven, unused, used} from './driven.ts';
import {drawn} from './drawn.ts';

const isAscii = (text: string) => /^[\n\u0020-\u007E]*$/.test(text);

/** Ways to screens, as keys from the list of keys; each leaves the console where it is looked at. */
const ways: readonly (readonly [name: string, go: (driven: Driven) => Driven])[] = [
	['keys', (driven) => driven],
	['marked keys', (driven) => driven.press(' ', 'V')],
	['a filter', (driven) => driven.press('/').write('status:active')],
	['a filter that cannot be read', (driven) => driven.press('/').write('status:x')],
	['help', (driven) => driven.press('?')],
	['help, searched', (driven) => driven.press('?', '/').write('page')],
	['the palette', (driven) => driven.press(':')],
	['sorting', (driven) => driven.press('s')],
	['columns', (driven) => driven.press('C')],
	['a key', (driven) => driven.press('j', 'enter')],
	['a new key', (driven) => driven.press('n')],
	['a new key, in another part', (driven) => driven.press('n', 'pagedown', 'pagedown')],
	['a question', (driven) => driven.press('j', 'x')],
	['a reason', (driven) => driven.press('D')],
	['rotation', (driven) => driven.press('t')],
	['explain', (driven) => driven.press('v')],
	['use of a key', (driven) => driven.press('U')],
	['overview', (driven) => driven.press('0')],
	['live', (driven) => driven.press('W')],
	['health', (driven) => driven.press('7')],
	['settings', (driven) => driven.press('8')],
	['password', (driven) => driven.press('8', 'c')],
	['an invitation', (driven) => driven.press('4', 'n')],
	['a webhook', (driven) => driven.press('6', 'n')],
	['a source', (driven) => driven.press('2', 'n')],
	['an organisation', (driven) => driven.press('3', 'n')],
	['a user', (driven) => driven.press(':').write('users').press('enter', 'n')],
	['a key role', (driven) => driven.press(':').write('key roles').press('enter', 'n')],
	['the key policy', (driven) => driven.press(':').write('key policy').press('enter')],
	['offline', (driven) => driven.press('R').fails(away)],
	['a secret', (driven) => revealed(driven)],
	['log in', (driven) => driven.send({type: 'loggedOut'})],
];

/** A key that was made, and is shown. */
function revealed(driven: Driven): Driven {
	driven.press('n').write('fresh').press('ctrl-x');
	return driven.answers(created);
}

/** Lists as they are before anything is read, where nothing can be, and where there is nothing. */
function states(model: Model, list: ListName): Model[] {
	const nothing = {...model[list], items: []};
	const read = {...nothing, loading: false, loadedAt: model.now};
	return [
		{...nothing, status: 'none', loading: true},
		{...read, status: 'failed', problem: 'The server says no'},
		{...read, status: 'ready'},
	].map((state): Model => ({...model, [list]: state}));
}

test('with ASCII alone no screen draws anything else', async (t) => {
	const {model} = loggedIn([unused, used]);
	const screen = await drawn(t, model, {LANG: 'C', NO_COLOR: '1'});
	const looksFine = (text: string, name: string) => {
		const [odd] = text.match(/[^\n\u0020-\u007E]/u) ?? [];
		t.is(odd, undefined, `${name}: ${odd}\n${text}`);
	};
	for (const [name, go] of ways) {
		const driven = loggedIn([unused, used]);
		driven.send({type: 'keyRead', id: detail.id, use: {detail, hours: [], days: []}, epoch: 1});
		const before = driven.model.screens;
		go(driven);
		if (name !== 'keys' && driven.model.help === undefined && driven.model.palette === undefined) {
			t.true(driven.model.screens !== before || driven.model.link.state === 'offline', name);
		}
		looksFine(await screen.show(driven.model), name);
	}
	for (const list of Object.keys(lists) as ListName[]) {
		if (!(list in kinds)) continue;
		for (const at of states(model, list)) {
			const shown = push(at, newListScreen(at, list as TableName));
			looksFine(await screen.show(shown), list);
		}
	}
});

test('every sign that the console writes has an ASCII spelling', (t) => {
	const root = path.join(import.meta.dirname, '..', '..', '..', 'tui');
	const files = fs
		.readdirSync(root, {recursive: true, encoding: 'utf8'})
		.filter((file) => /\.tsx?$/.test(file))
		// What they say is not drawn, but printed.
		.filter((file) => !file.startsWith('commands') && file !== 'glyphs.ts');
	t.true(files.length > 100);
	for (const file of files) {
		const source = fs.readFileSync(path.join(root, file), 'utf8');
		const code = source.replaceAll(/\/\*.*?\*\/|(?<!:)\/\/[^\n]*/gsu, '');
		for (const sign of new Set(code.match(/[^\t\n\u0020-\u007E]/gu))) {
			t.true(isAscii(spelled(sign)), `${file}: ${sign}`);
		}
		// Only there are they spelled out.
		const draws = /import \{[^}]*\bText\b[^}]*\} from 'ink'/.test(code);
		t.is(draws, file === path.join('components', 'line.tsx'), file);
	}
	const {isAscii: _, ...glyphs} = glyphsFor({LATCHKEY_ASCII: '1'});
	t.true(isAscii(JSON.stringify(glyphs)));
});

test('a locale without other characters is believed, unless told otherwise', (t) => {
	t.is(onlyAscii({}), undefined);
	t.is(onlyAscii({LANG: 'C.UTF-8'}), undefined);
	t.is(onlyAscii({LANG: 'de_DE.UTF-8@euro'}), undefined);
	t.is(onlyAscii({LANG: 'en_US.utf8', LC_ALL: 'POSIX'}), 'LC_ALL=POSIX');
	t.is(onlyAscii({LC_ALL: '', LC_CTYPE: 'C'}), 'LC_CTYPE=C');
	t.is(onlyAscii({LANG: 'en_US.ISO-8859-1'}), 'LANG=en_US.ISO-8859-1');
	t.is(onlyAscii({LANG: 'C', LATCHKEY_ASCII: '0'}), undefined);
	t.is(onlyAscii({LANG: 'C.UTF-8', LATCHKEY_ASCII: '1'}), 'LATCHKEY_ASCII');
});
