import test from 'ava';
import fc from 'fast-check';
import {UsageSlots} from '../../core/usage/slots.ts';
import {readUuid, uuidWords} from '../../core/uuid-words.ts';

const recordLength = uuidWords + 1;
/** They end alike, and are at home in the same place. */
const alike = fc.nat({max: 3}).map((i) => `${i}0000000-0000-4000-8000-0000deadbeef`);

test('each key has a slot of its own, in the order in which they came, up to the capacity', (t) => {
	fc.assert(
		fc.property(
			fc.integer({min: 1, max: 12}),
			fc.array(fc.oneof(alike, fc.uuid()), {maxLength: 60}),
			(capacity, ids) => {
				const records = new Uint32Array(capacity * recordLength);
				const slots = new UsageSlots(capacity, records, recordLength);
				const model = new Map<string, number>();
				for (const id of ids) {
					const hasRoom = model.has(id) || model.size < capacity;
					const expected = model.get(id) ?? (hasRoom ? model.size : -1);
					if (hasRoom) model.set(id, expected);
					t.is(slots.take(id), expected);
					t.is(slots.size, model.size);
				}
				for (const [id, slot] of model) t.is(readUuid(records, slot * recordLength), id);
			},
		),
	);
});

test('what is no id of a key is an error, and takes no slot', (t) => {
	const slots = new UsageSlots(2, new Uint32Array(2 * recordLength), recordLength);
	t.throws(() => slots.take('a'), {message: 'no UUID'});
	t.is(slots.size, 0);
});
