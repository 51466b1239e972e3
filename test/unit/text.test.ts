import test from 'ava';
import fc from 'fast-check';
import {maxNameLength, name, timestamp, toTimestamp} from '../../contract/text.ts';

const schema = name('name');

/** What is wrong with a name; undefined when nothing is. */
function fault(value: unknown): string | undefined {
	const result = schema.safeParse(value);
	return result.success ? undefined : result.error.issues.map(({message}) => message).join(' & ');
}

test('S-24: what is no name at all gets the one sentence of the contract', (t) => {
	for (const value of [
		undefined,
		null,
		'',
		' ',
		'\t\n\v\f\r',
		'\u00A0\u2003\u3000\uFEFF',
		'\u2028\u2029',
		0,
		1,
		true,
		[],
		['a'],
		{},
		Symbol('a'),
		1n,
	]) {
		t.is(fault(value), 'name is required', typeof value);
	}
	t.is(name('type').safeParse('').error?.issues[0]?.message, 'type is required');
});

test('S-24: controls, C0 and C1, and what turns writing around are refused', (t) => {
	const codes = [
		...Array.from({length: 0x20}, (_, code) => code),
		...Array.from({length: 0x21}, (_, index) => 0x7f + index),
		0x061c,
		0x200e,
		0x200f,
		0x202a,
		0x202b,
		0x202c,
		0x202d,
		0x202e,
		0x2066,
		0x2067,
		0x2068,
		0x2069,
	];
	for (const code of codes) {
		const control = String.fromCharCode(code);
		for (const value of [`a${control}b`, `${control}a`, `a${control}`]) {
			t.is(fault(value), 'name must not contain control characters', code.toString(16));
		}
	}
});

test('S-24: lone surrogates are refused, pairs are not', (t) => {
	for (const value of ['\uD800', 'a\uDC00', '\uDC00\uD800', 'a\uD83Db']) {
		t.is(fault(value), 'name must be well-formed Unicode text', JSON.stringify(value));
	}
	t.is(fault('\uD83D\uDE00'), undefined);
});

test('S-24: 255 code points are the most, whatever they take in bytes', (t) => {
	t.is(maxNameLength, 255);
	for (const one of ['x', 'é', '\u{1F600}', '日']) {
		t.is(fault(one.repeat(255)), undefined);
		t.is(fault(one.repeat(256)), 'name must be at most 255 characters');
	}
});

test('any other text is a name, and is kept as it is', (t) => {
	for (const value of [
		'Production',
		' inner and outer ',
		"Robert'); DROP TABLE api_keys;--",
		'<script>alert(1)</script>',
		'${jndi:ldap://x}',
		'{{7*7}}',
		'%00%0a',
		'null',
		'undefined',
		'0',
		'../../etc/passwd',
		'日本語キー',
		'العربية',
		'עברית',
		'e\u0301',
		'👩‍👩‍👧',
		'\u200D\u200C\u200B',
		'Ω≈ç√∫˜µ≤≥÷',
		'\uFFFD\uFFFE\u{10FFFF}',
	]) {
		t.is(schema.parse(value), value);
	}
});

test('S-24: every text is accepted unchanged or refused with one sentence', (t) => {
	fc.assert(
		fc.property(fc.string({unit: 'binary', maxLength: 300}), (value) => {
			const result = schema.safeParse(value);
			if (result.success) return result.data === value && value.isWellFormed();
			return result.error.issues.length === 1;
		}),
		{numRuns: 2000},
	);
	t.pass();
});

test('an instant is written in UTC to the second, as the contract has it', (t) => {
	t.is(toTimestamp(new Date('2024-01-15T10:30:00Z')), '2024-01-15T10:30:00Z');
	t.is(toTimestamp(new Date('2024-01-15T10:30:00.999Z')), '2024-01-15T10:30:00Z');
	t.is(toTimestamp(new Date('2024-01-15T23:30:00-05:00')), '2024-01-16T04:30:00Z');
	t.is(toTimestamp(new Date(0)), '1970-01-01T00:00:00Z');
	t.is(timestamp.parse(toTimestamp(new Date())).length, 20);
	for (const text of [
		'2024-01-15T10:30:00.000Z',
		'2024-01-15T10:30:00+00:00',
		'2024-01-15 10:30:00Z',
	]) {
		t.false(timestamp.safeParse(text).success, text);
	}
});
