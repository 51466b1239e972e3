import test from 'ava';
import fc from 'fast-check';
import {Memory} from '../../core/verification/memory.ts';

const key = fc.integer({min: 0, max: 11}).map(String);
const step = fc.oneof(
	{weight: 5, arbitrary: fc.record({do: fc.constant('get' as const), key})},
	{weight: 5, arbitrary: fc.record({do: fc.constant('set' as const), key, value: fc.nat()})},
	{weight: 1, arbitrary: fc.record({do: fc.constant('delete' as const), key})},
	{weight: 1, arbitrary: fc.record({do: fc.constant('clear' as const)})},
);

test('never more than the bound, never a wrong value, and the last used half is always there', (t) => {
	fc.assert(
		fc.property(fc.integer({min: 2, max: 10}), fc.array(step, {maxLength: 200}), (bound, steps) => {
			const memory = new Memory<number>(bound);
			/** Everything that was ever set and not deleted; last used last. */
			const model = new Map<string, number>();
			const use = (name: string, value: number) => {
				model.delete(name);
				model.set(name, value);
			};
			for (const each of steps) {
				if (each.do === 'clear') {
					memory.clear();
					model.clear();
				} else if (each.do === 'delete') {
					memory.delete(each.key);
					model.delete(each.key);
				} else if (each.do === 'set') {
					memory.set(each.key, each.value);
					use(each.key, each.value);
				} else {
					const found = memory.get(each.key);
					const expected = model.get(each.key);
					const recent = [...model.keys()].slice(-Math.floor(bound / 2));
					if (found !== expected && (found !== undefined || recent.includes(each.key)))
						return false;
					// What is forgotten is not used.
					if (found === undefined) model.delete(each.key);
					else use(each.key, found);
				}
				if (memory.size > bound || memory.size > model.size) return false;
			}
			return true;
		}),
		{numRuns: 2000},
	);
	t.pass();
});

test('a key that is used again and again outlives any number of others', (t) => {
	const memory = new Memory<number>(10);
	memory.set('often', 1);
	for (let i = 0; i < 1000; i++) {
		memory.set(`other ${i}`, i);
		t.is(memory.get('often'), 1);
	}
	t.is(memory.get('other 0'), undefined);
});
