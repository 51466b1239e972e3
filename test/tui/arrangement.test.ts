import test from 'ava';
import {top} from '../../tui/app/navigation.ts';
import {isTable} from '../../tui/app/screens.ts';
import {layOut} from '../../tui/components/table/columns.ts';
import {allColumns, arrangementOf} from '../../tui/screens/kinds/list/arrangement.ts';
import {keysSpec} from '../../tui/screens/keys/list/spec.ts';
import {type Driven, loggedIn, unused, used} from './driven.ts';

/*
How the table of a list is arranged: its order and its columns, which are kept.
*/

const ending = {...unused, id: '77777777-7777-4777-8777-777777777777', name: 'ending'};
const keys = [unused, used, {...ending, expires_at: '2026-03-20T00:00:00Z'}];

function names({model}: Driven): string[] {
	const screen = top(model);
	return isTable(screen) ? screen.visible.map((row) => ('name' in row ? row.name : '')) : [];
}

test('s and the letter of a column sort by it, its letter again is the other way, and a letter does nothing else meanwhile', (t) => {
	const driven = loggedIn(keys).press('s', 'x');
	t.is(top(driven.model).type, 'keys', 'x is no letter of a column');
	driven.press('l');
	t.deepEqual(names(driven), ['ingest-prod', 'unused', 'ending']);
	driven.press('s', 'l');
	t.deepEqual(
		names(driven),
		['ingest-prod', 'unused', 'ending'],
		'never used comes last either way',
	);
	driven.press('s', 'e');
	t.deepEqual(names(driven), ['ending', 'unused', 'ingest-prod']);
	driven.press('s', 'n', 'S');
	t.deepEqual(names(driven), ['unused', 'ingest-prod', 'ending']);
	driven.press('s', 'right', 'left', 'enter');
	t.deepEqual(arrangementOf(driven.model, 'keys').order, {column: 'NAME', descending: false});
});

test('the order stays, also on a screen of the same list that is opened anew', (t) => {
	const driven = loggedIn(keys).press('s', 'n', '2', '1');
	t.deepEqual(names(driven), ['ending', 'ingest-prod', 'unused']);
	driven.press('4', 's', 'r', '1', '4');
	t.is(arrangementOf(driven.model, 'members').order?.column, 'ROLE');
});

test('a wide table has every column that fits, and columns can be chosen', (t) => {
	const driven = loggedIn(keys);
	const titles = (columns = 80) =>
		layOut(allColumns(keysSpec, driven.model), columns, arrangementOf(driven.model, 'keys')).map(
			({title}) => title,
		);
	t.false(titles().includes('CREATED'));
	driven.press('w');
	t.true(titles().length > 5, titles().join());
	t.true(titles(160).includes('TERMS') && titles(160).includes('ID'));
	driven.press('w', 'C', 'j', ' ');
	t.false(titles().includes('STATUS'));
	driven.press('k', ' ', 'escape');
	t.true(titles().includes('NAME'), 'what a row is known by always stays');
	t.is(top(driven.model).type, 'keys');
	driven.press('C', 'r', 'q');
	t.true(titles().includes('STATUS'));
});

test('the columns of a wide table never take more than the width', (t) => {
	const {model} = loggedIn(keys);
	for (const columns of [60, 80, 100, 140, 200]) {
		const laid = layOut(allColumns(keysSpec, model), columns, {wide: true});
		const taken = laid.reduce((sum, {width}) => sum + width + 2, 2);
		t.true(taken <= columns, `${taken} of ${columns}`);
	}
});
