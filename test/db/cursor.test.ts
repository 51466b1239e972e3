import {randomBytes} from 'node:crypto';
import test from 'ava';
import {createCursors} from '../../core/db/cursor.ts';

const key = randomBytes(32);
const place = '2024-01-15T10:30:00.123Z 7d9f6f5e-3b1c-4b53-8a7e-2f8f9e0c1d2b';

test('a cursor leads back to its place, in its list and with its key only', (t) => {
	const own = createCursors(key);
	const cursor = own.encode('keys:a', place);
	t.regex(cursor, /^[\w-]+$/, 'fit for a query');
	t.deepEqual(own.decode('keys:a', cursor), place);
	t.deepEqual(createCursors(key).decode('keys:a', cursor), place, 'of another process');
	for (const list of ['keys:b', 'sources:a', 'keys:', 'keys:a ', '']) {
		t.is(own.decode(list, cursor), undefined, list);
	}
	t.is(createCursors(randomBytes(32)).decode('keys:a', cursor), undefined);
});

test('a cursor that was changed in any place, or spelt in another way, is refused', (t) => {
	const own = createCursors(key);
	const cursor = own.encode('keys:a', place);
	for (let index = 0; index < cursor.length; index++) {
		const other = cursor[index] === 'A' ? 'B' : 'A';
		const changed = cursor.slice(0, index) + other + cursor.slice(index + 1);
		t.is(own.decode('keys:a', changed), undefined, String(index));
		t.is(own.decode('keys:a', cursor.slice(0, index)), undefined, String(index));
	}
	for (const text of [
		`${cursor}A`,
		`${cursor}=`,
		`${cursor} `,
		`A${cursor}`,
		Buffer.from(cursor, 'base64url').toString('base64'),
		Buffer.from(place).toString('base64url'),
		'A'.repeat(22),
		randomBytes(60).toString('base64url'),
		'\u00E9',
		"' or 1=1",
	]) {
		if (text !== cursor) t.is(own.decode('keys:a', text), undefined, text);
	}
});

test('the name of a list cannot run into what is signed', (t) => {
	const own = createCursors(key);
	const cursor = own.encode('keys:a', place);
	t.is(own.decode('keys:a\0', cursor), undefined);
	t.is(own.decode(`keys:a\0${place.slice(0, 24)}`, cursor), undefined);
});
