import test from 'ava';
import {inShort} from '../helpers/tap.ts';

test('a long detail is told by its first and last lines, none of them long', (t) => {
	const lines = Array.from({length: 300}, (_, at) => `line ${at}`);
	t.deepEqual(inShort(lines, {first: 2, last: 1}), ['line 0', 'line 1', '  …', 'line 299']);
	t.deepEqual(inShort(['', 'one', ' ', 'two'], {first: 2, last: 1}), ['one', 'two']);
	t.true(inShort(['x'.repeat(10_000)]).every((line) => line.length < 200));
});
