import test from 'ava';
import {createRecent} from '../../contract/recent.ts';

test('what was asked for last is not made again, and no more is kept than may be', (t) => {
	const made: string[] = [];
	const recent = createRecent(4, (text) => {
		if (text === 'bad') throw new Error(text);
		made.push(text);
		return {text};
	});
	const first = recent('a');
	t.is(recent('a'), first);
	recent('b');
	recent('c');
	t.is(recent('a'), first, 'of the half before');
	t.deepEqual(made, ['a', 'b', 'c']);
	for (const text of ['d', 'e', 'f', 'g']) recent(text);
	t.not(recent('a'), first, 'long gone');
	t.throws(() => recent('bad'), {message: 'bad'});
	t.throws(() => recent('bad'), {message: 'bad'});
});

test('a result that says that there is none is kept as well', (t) => {
	let count = 0;
	const recent = createRecent(10, () => (count++, null));
	t.is(recent('a'), null);
	t.is(recent('a'), null);
	t.is(count, 1);
});
