import test from 'ava';
import type {Key} from '../../contract/keys.ts';
import {parseKeyFilter} from '../../tui/key-filter.ts';
import {defaultOrder, serverOrder, sortKeys} from '../../tui/key-order.ts';
import {confirmation, inUse} from '../../tui/key-use.ts';

const now = Date.parse('2026-03-12T12:00:00Z');

function key(name: string, members: Partial<Key> = {}): Key {
	return {
		id: `00000000-0000-4000-8000-${name.padStart(12, '0').slice(-12)}`,
		name,
		created_at: '2026-03-01T00:00:00Z',
		last_used_at: null,
		revoked_at: null,
		...members,
	};
}

const keys = [
	key('ingest-prod', {last_used_at: '2026-03-12T11:00:00Z'}),
	key('Ingest EU', {created_at: '2026-03-12T00:00:00Z'}),
	key('old', {last_used_at: '2025-12-01T00:00:00Z', revoked_at: '2026-03-11T00:00:00Z'}),
];

function matching(filter: string): string[] {
	const {test: matches} = parseKeyFilter(filter);
	return keys.filter((each) => matches(each, now)).map(({name}) => name);
}

test('a filter is words and fields, all of which must hold', (t) => {
	t.deepEqual(matching(''), ['ingest-prod', 'Ingest EU', 'old']);
	t.deepEqual(matching('ingest'), ['ingest-prod', 'Ingest EU']);
	t.deepEqual(matching('ingest eu'), ['Ingest EU']);
	t.deepEqual(matching('status:revoked'), ['old']);
	t.deepEqual(matching('status:act used:never'), ['Ingest EU']);
	t.deepEqual(matching('used:<1d'), ['ingest-prod']);
	t.deepEqual(matching('used:>30d'), ['Ingest EU', 'old']);
	t.deepEqual(matching('created:<7d'), ['Ingest EU']);
	t.deepEqual(matching('other:thing'), []);
});

test('a word that is not finished yet leaves the others to filter, and is explained', (t) => {
	for (const [filter, problem] of [
		['ingest used:', 'used: takes never, <7d or >30d'],
		['ingest used:>3', 'used: takes never, <7d or >30d'],
		['ingest status:x', 'status: takes active or revoked'],
		['ingest created:7d', 'created: takes <7d or >30d'],
	] as const) {
		t.is(parseKeyFilter(filter).problem, problem);
		t.deepEqual(matching(filter), ['ingest-prod', 'Ingest EU'], filter);
	}
	t.is(parseKeyFilter('used:>30d').problem, undefined);
});

test('keys are sorted by a column, and those alike stay as the server has them', (t) => {
	const names = (order: Parameters<typeof sortKeys>[1]) =>
		sortKeys(keys, order).map(({name}) => name);
	t.is(sortKeys(keys, serverOrder), keys);
	// Asked for at each letter of a filter: sorted once, as long as the list is the same.
	t.is(sortKeys(keys, defaultOrder('name')), sortKeys(keys, defaultOrder('name')));
	t.not(sortKeys([...keys], defaultOrder('name')), sortKeys(keys, defaultOrder('name')));
	t.deepEqual(names(defaultOrder('name')), ['Ingest EU', 'ingest-prod', 'old']);
	t.deepEqual(names(defaultOrder('used')), ['ingest-prod', 'old', 'Ingest EU']);
	t.deepEqual(names(defaultOrder('status')), ['ingest-prod', 'Ingest EU', 'old']);
	t.deepEqual(names({column: 'status', descending: true}), ['old', 'ingest-prod', 'Ingest EU']);
});

test('a key used within 30 days asks for its name, or the end of its id where that is hard to type', (t) => {
	t.true(inUse(key('a', {last_used_at: '2026-02-11T12:00:00Z'}), now));
	t.false(inUse(key('a', {last_used_at: '2026-02-10T11:00:00Z'}), now));
	t.false(inUse(key('a'), now));
	t.is(confirmation(key('ingest prod')), 'ingest prod');
	for (const name of ['数据', 'x'.repeat(41), ' padded', 'a\u0000b']) {
		t.is(confirmation(key(name)), key(name).id.slice(-4), name);
	}
});
