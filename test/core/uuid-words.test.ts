import test from 'ava';
import fc from 'fast-check';
import {readUuid, uuidWords, writeUuid} from '../../core/uuid-words.ts';

test('a UUID comes back as it was, wherever it is written', (t) => {
	const words = new Uint32Array(3 * uuidWords);
	fc.assert(
		fc.property(fc.uuid(), fc.nat({max: words.length - uuidWords}), (id, at) => {
			words.fill(7);
			t.true(writeUuid(id, words, at));
			t.is(readUuid(words, at), id);
			t.is(words.filter((word) => word === 7).length >= words.length - uuidWords, true);
		}),
	);
	for (const id of [
		'00000000-0000-0000-0000-000000000000',
		'ffffffff-ffff-ffff-ffff-ffffffffffff',
	]) {
		t.true(writeUuid(id, words, 0));
		t.is(readUuid(words, 0), id);
	}
});

test('what is no UUID, or is not written as PostgreSQL writes one, is refused', (t) => {
	const words = new Uint32Array(uuidWords);
	const id = '0189f7e2-1c3a-7b42-9d55-0a1b2c3d4e5f';
	t.true(writeUuid(id, words, 0));
	const others = ['', id.slice(1), `${id}0`, id.toUpperCase(), `{${id.slice(1, -1)}}`];
	for (let place = 0; place < id.length; place++) {
		for (const odd of ['g', '/', ':', 'é', '€', '\u0000']) {
			others.push(id.slice(0, place) + odd + id.slice(place + 1));
		}
	}
	for (const other of others) t.false(writeUuid(other, words, 0), other);
});
