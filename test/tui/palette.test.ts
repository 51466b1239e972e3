import test from 'ava';
import {paletteMatches} from '../../tui/app/palette/matches.ts';
import {top} from '../../tui/app/navigation.ts';
import {isTable} from '../../tui/app/screens.ts';
import {type Driven, loggedIn, me, unused, used} from './driven.ts';

/*
The palette: whatever has a name is found by it, and screens take a filter.
*/

function names({model}: Driven): string[] {
	const {palette} = model;
	return palette === undefined ? [] : paletteMatches(model, palette).map(({name}) => name);
}

function applied({model}: Driven): string {
	const screen = top(model);
	return isTable(screen) ? `${screen.type} / ${screen.filter.applied}` : screen.type;
}

/** With somebody and an endpoint, which are read when it opens. */
function opened(): Driven {
	const driven = loggedIn().press(':');
	t0(driven);
	const {epoch} = driven.model;
	const bob = {id: 'bob', user_id: 'bob', email: 'bob@acme.example', role: 'viewer' as const};
	return driven.send({
		type: 'loaded',
		answer: {list: 'members', items: [{...bob, created_at: '2026-01-01T00:00:00Z'}]},
		partial: false,
		took: 1,
		epoch,
	});
}

function t0({effects}: Driven): void {
	const read = effects.map((effect) => (effect.do === 'load' ? effect.list : effect.do));
	const wanted = ['members', 'serviceAccounts', 'webhooks', 'sources'];
	if (read.join() !== wanted.join()) throw new Error(`it read ${read.join()}`);
}

test('screens have their key beside them, and keys and people are found by their names', (t) => {
	const driven = opened();
	const {palette} = driven.model;
	const notes = palette === undefined ? [] : paletteMatches(driven.model, palette);
	t.like(
		notes.find(({name}) => name === 'audit'),
		{note: 'screen 5'},
	);
	driven.write('ingest');
	t.is(names(driven)[0], `key ${used.name}`);
	t.like(top(driven.press('enter').model), {type: 'key', id: used.id});
	driven.press(':').write('bob');
	t.is(names(driven)[0], 'member bob@acme.example');
	driven.press('enter');
	t.is(applied(driven), 'members / ');
	driven.press(':').write(used.hint);
	t.true(names(driven).includes(`key ${used.name}`), 'by how it begins');
});

test('a screen takes a filter, which is refused as ever where it cannot be read', (t) => {
	const driven = opened();
	driven.write('keys status:active ingest');
	t.is(names(driven)[0], 'keys / status:active ingest');
	driven.press('enter');
	t.is(applied(driven), 'keys / status:active ingest');
	driven.press('escape', ':').write('aud billing');
	driven.press('enter');
	t.is(applied(driven), 'audit / billing');
	driven.press('escape', ':').write('keys statuss:x');
	driven.press('enter');
	const screen = top(driven.model);
	t.true(isTable(screen) && screen.filter.open);
	t.regex(driven.model.notice?.text ?? '', /Cannot read statuss:x/);
});

test('what begins with the kind of a thing is its name, and no screen with a filter', (t) => {
	const driven = opened();
	driven.write('member bo');
	t.deepEqual(names(driven), ['member bob@acme.example']);
	driven.press('ctrl-u').write('org ac');
	t.is(names(driven)[0], 'org acme');
});

test('tab writes out what is marked, and up brings back where one went before', (t) => {
	const driven = opened();
	driven.write('audi').press('tab');
	t.is(driven.model.palette?.text.value, 'audit ');
	driven.write('outcome:refused').press('enter');
	driven.press('escape', ':').write('members').press('enter');
	driven.press(':', 'up');
	t.is(driven.model.palette?.text.value, 'members');
	driven.press('up', 'up');
	t.is(driven.model.palette?.text.value, 'audit outcome:refused');
	driven.press('down', 'down');
	t.is(driven.model.palette?.text.value, '');
});

test('while not all keys are here, the server is asked for those that match', (t) => {
	const driven = loggedIn().press('R');
	const {epoch} = driven.model;
	// As on the first reading of a long list.
	driven.model = {...driven.model, keys: {...driven.model.keys, items: [], status: 'partial'}};
	driven.press(':').write('far');
	t.like(driven.effects, [{do: 'searchKeys', q: 'far'}]);
	const far = {...unused, id: '66666666-6666-4666-8666-666666666666', name: 'far-away'};
	driven.send({type: 'keysFound', q: 'fa', keys: [far], epoch});
	t.false(names(driven).includes('key far-away'), 'the answer to another question');
	driven.send({type: 'keysFound', q: 'far', keys: [far], epoch});
	t.true(names(driven).includes('key far-away'));
});

test('what whoever is logged in may not see is not read for it', (t) => {
	const driven = loggedIn(undefined, {...me, operator: false, role: 'developer'}).press(':');
	const read = driven.effects.map((effect) => (effect.do === 'load' ? effect.list : effect.do));
	t.deepEqual(read, ['members', 'webhooks', 'sources']);
});
