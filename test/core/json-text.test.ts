import test from 'ava';
import fc from 'fast-check';
import {findJsonFault, parsePlainJson} from '../../core/json-text.ts';

/** Letters that JSON texts are made of, also wrong ones, and some that need escapes. */
const pieces =
	'{ } [ ] , : "a" "b" "" "\\u0061" "__proto__" "constructor" "é" 1 null true " \\ a'.split(' ');
const noise = fc.array(fc.constantFrom(...pieces), {maxLength: 12}).map((all) => all.join(''));

const name = fc.constantFrom('a', 'b', 'c', '', '1', '__proto__', 'constructor', 'a"b', 'é');
/** JSON texts whose objects may name a member twice. */
const {text: json} = fc.letrec<{text: string}>((tie) => ({
	text: fc.oneof(
		{maxDepth: 4},
		fc.oneof(fc.integer(), fc.constant(null), name).map((value) => JSON.stringify(value)),
		fc.array(tie('text'), {maxLength: 3}).map((items) => `[${items.join(', ')}]`),
		fc
			.array(fc.tuple(name, tie('text')), {maxLength: 3})
			.map((all) => `{${all.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`),
	),
}));

test('what is parsed without looking through it has no fault', (t) => {
	let plain = 0;
	fc.assert(
		fc.property(fc.oneof({weight: 3, arbitrary: json}, noise), (text) => {
			const value = parsePlainJson(text);
			if (value === undefined) return;
			plain++;
			t.is(findJsonFault(text), undefined, text);
			t.deepEqual(value, JSON.parse(text), text);
			t.notRegex(text, /"(?:__proto__|constructor)" ?:|\\/);
		}),
		{numRuns: 5000},
	);
	t.true(plain > 500);
});

test('what clients write is parsed so, and what is odd is left to who looks at each letter', (t) => {
	const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
	const read = {
		'{"key":"a","ip":"b"}': {key: 'a', ip: 'b'},
		' { "key" : "é" , "list" : [ 1, "", {} ] } ': {key: 'é', list: [1, '', {}]},
		'{"a":{"b":1},"b":{"a":"constructor"}}': {a: {b: 1}, b: {a: 'constructor'}},
		null: null,
		'"a"': 'a',
	};
	for (const [text, value] of Object.entries(read)) t.deepEqual(parsePlainJson(text), value, text);
	t.not(parsePlainJson(nested(32)), undefined);
	const left =
		'{ {"a":1,} "a \uFEFF{} {"a":1}x {"a":1,"a":2} {"a":"","b":{},"a":""} [{"a":[],"a":[]}] {"\\u0061":1} "\\n" {"__proto__":1} [{"constructor":{"prototype":{}}}]';
	for (const text of ['', ...left.split(' '), nested(33), '['.repeat(30_000)])
		t.is(parsePlainJson(text), undefined, text.slice(0, 40));
});
