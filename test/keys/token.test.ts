import {createHash} from 'node:crypto';
import {crc32} from 'node:zlib';
import test from 'ava';
import {hashKey, createKeyFormat} from '../../core/keys/token.ts';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const format = createKeyFormat('hklst_');

/** The checksum as it is published: CRC-32 in six base62 digits, most significant first. */
function checksum(text: string): string {
	let value = BigInt(crc32(text));
	let digits = '';
	for (let i = 0; i < 6; i++) {
		digits = (alphabet[Number(value % 62n)] ?? '') + digits;
		value /= 62n;
	}
	return digits;
}

test('S-21: keys have their shape, a true checksum, and are all different', (t) => {
	const count = 20_000;
	const seen = new Set<string>();
	const counts = Array.from({length: 43}, () => new Map<string, number>());
	let faults = 0;
	for (let i = 0; i < count; i++) {
		const key = format.generate();
		seen.add(key);
		if (!/^hklst_[0-9A-Za-z]{49}$/.test(key)) faults++;
		if (key.slice(-6) !== checksum(key.slice(0, -6))) faults++;
		if (format.parse(key) !== key) faults++;
		for (const [position, map] of counts.entries()) {
			const character = key.charAt(6 + position);
			map.set(character, (map.get(character) ?? 0) + 1);
		}
	}
	t.is(faults, 0);
	t.is(seen.size, count);
	// 61 degrees of freedom: 137 is passed by chance once in ten million.
	for (const [position, map] of counts.entries()) {
		const expected = count / 62;
		let chiSquare = 0;
		for (const character of alphabet) {
			chiSquare += ((map.get(character) ?? 0) - expected) ** 2 / expected;
		}
		t.true(chiSquare < 137, `position ${position}: ${chiSquare}`);
		t.true(chiSquare > 15, `position ${position} is too even: ${chiSquare}`);
	}
});

test('S-21: every typing error in one place is noticed', (t) => {
	const others = `${alphabet}-_. \u00E9`;
	const accepted: string[] = [];
	for (let round = 0; round < 4; round++) {
		const key = format.generate();
		for (let position = 0; position < key.length; position++) {
			const [before, after] = [key.slice(0, position), key.slice(position + 1)];
			for (const other of others) {
				if (other !== key[position] && format.parse(before + other + after) !== undefined) {
					accepted.push(before + other + after);
				}
			}
			if (format.parse(before + after) !== undefined) accepted.push(before + after);
			for (const extra of '0aZ') {
				const longer = before + extra + key.slice(position);
				if (format.parse(longer) !== undefined) accepted.push(longer);
			}
			const swapped = before + after.charAt(0) + key.charAt(position) + after.slice(1);
			if (swapped !== key && format.parse(swapped) !== undefined) accepted.push(swapped);
		}
	}
	t.deepEqual(accepted, []);
});

test('what is written around a key, or in place of one, is not a key', (t) => {
	const key = format.generate();
	const blank = [' ', '\t', '\n', '\r\n', '\0', '\u00A0', '\u200B', '\uFEFF'];
	for (const text of [
		...blank.flatMap((one) => [one + key, key + one]),
		'',
		'hklst_',
		'hklst_your_api_key_here',
		key.toUpperCase(),
		key.toLowerCase(),
		key.slice(6),
		`Bearer ${key}`,
		key.normalize('NFKC').replace('h', '\uFF48'),
		key + key,
		`${key},${key}`,
		'hklst_' + '0'.repeat(49),
		'x'.repeat(1_000_000),
		`hklst_${'a'.repeat(1_000_000)}`,
	]) {
		t.is(format.parse(text), undefined, JSON.stringify(text.slice(0, 80)));
	}
});

test('the prefix is the operator’s, and one prefix does not read the keys of another', (t) => {
	for (const prefix of ['acme_', 'k1_', 'abcdefghijklmno_']) {
		const own = createKeyFormat(prefix);
		const key = own.generate();
		t.true(key.startsWith(prefix));
		t.is(key.length, prefix.length + 49);
		t.is(own.parse(key), key);
		t.is(format.parse(key), undefined);
		t.is(own.parse(format.generate()), undefined);
		// The checksum covers the prefix, too.
		t.is(own.parse(prefix + format.generate().slice(6)), undefined);
	}
});

test('S-22: what is stored is the SHA-256 of the whole key', (t) => {
	const key = format.generate();
	const hash = hashKey(key);
	t.is(hash.toString('hex'), createHash('sha256').update(key).digest('hex'));
	t.is(hash.length, 32);
});

test('S-23: the hint is the prefix and six characters', (t) => {
	const key = format.generate();
	t.is(format.hint(key), key.slice(0, 12));
});
