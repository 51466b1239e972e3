import test from 'ava';
import fc from 'fast-check';
import {share} from '../../tui/client/share.ts';

const person = (name: string) => ({type: 'user', name, former: false});
/** As zod makes them: nothing of one row is in another. */
const rowsAlike = () => [
	{
		id: 'a',
		lineage_id: 'a',
		tags: [] as string[],
		scopes: ['read', 'write'],
		creator: person('Ada'),
	},
	{id: 'b', lineage_id: 'a', tags: [], scopes: ['read', 'write'], creator: person('Ada')},
	{id: 'c', lineage_id: 'c', tags: ['eu'], scopes: ['read'], creator: person('Grace')},
];

test('rows hold once what they have in common, across the pages of a list', (t) => {
	const [first, second, third] = rowsAlike();
	const seen = new Map();
	share(
		[first, second].flatMap((row) => row ?? []),
		seen,
	);
	share(
		[third].flatMap((row) => row ?? []),
		seen,
	);
	t.is(second?.tags, first?.tags);
	t.is(second?.scopes, first?.scopes);
	t.is(second?.creator, first?.creator);
	t.deepEqual([first, second, third], rowsAlike());

	const next = {...rowsAlike().at(-1)};
	share([next], seen);
	t.is(next.creator, third?.creator);
});

test('whatever rows hold, they say the same afterwards', (t) => {
	const member = fc.oneof(
		fc.constantFrom<unknown>(null, undefined, '', 'a', 'b', 0, true, [], {}, [1], {0: 1}, ['a']),
		fc.constantFrom<unknown>({a: undefined}, {b: undefined}, {a: 1}, {a: 1, b: 2}, {a: {}}, [[]]),
	);
	const row = fc.record({id: fc.constantFrom('a', 'b'), one: member, other: member});
	fc.assert(
		fc.property(fc.array(row, {maxLength: 6}), (rows) => {
			// Made anew for each row, or constants would be shared before.
			const own = structuredClone(rows.map((each) => structuredClone(each)));
			share(own, new Map());
			t.deepEqual(own, rows);
		}),
	);
});
