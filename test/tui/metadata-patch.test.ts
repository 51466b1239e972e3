import test from 'ava';
import fc from 'fast-check';
import {mergePatch} from '../../contract/metadata.ts';
import {patchBetween} from '../../tui/api-keys/metadata-patch.ts';

type Members = Record<string, unknown>;

const {object} = fc.letrec((tie) => ({
	value: fc.oneof(
		{maxDepth: 3, depthIdentifier: 'metadata'},
		fc.nat(3),
		fc.constant('a'),
		fc.array(fc.nat(2), {maxLength: 2}),
		tie('object'),
	),
	object: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), {
		maxKeys: 3,
		depthIdentifier: 'metadata',
	}),
}));

test('what is sent makes of the metadata that a key has what was typed', (t) => {
	fc.assert(
		fc.property(object, object, (before, after) => {
			const patch = patchBetween(before as object as Members, after as object as Members);
			t.deepEqual(mergePatch(before, patch), after as unknown);
		}),
		{numRuns: 1000},
	);
});

test('what is the same is not sent', (t) => {
	t.deepEqual(patchBetween({a: 1, b: {c: 1, d: 2}, e: null}, {b: {c: 1, d: 3}, e: null}), {
		a: null,
		b: {d: 3},
	});
});
