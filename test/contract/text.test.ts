import test from 'ava';
import fc from 'fast-check';
import {email} from '../../contract/people.ts';
import {maxNameLength, name, timestamp, toTimestamp} from '../../contract/text.ts';

const schema = name('name');

/** What is wrong with a name; undefined when nothing is. */
function fault(value: unknown): string | undefined {
	const result = schema.safeParse(value);
	return result.success ? undefined : result.error.issues.map(({message}) => message).join(' & ');
}

test('S-24: what is not a name at all gets the one sentence of the contract', (t) => {
	for (const value of [
		undefined,
		null,
		'',
		' ',
		'\t\n\v\f\r',
		'\u00A0\u2003\u3000\uFEFF',
		'\u2028\u2029',
		...[0xad, 0x034f, 0x115f, 0x1160, 0x17b4, 0x180e, 0x200b, 0x200c, 0x200d, 0x200e, 0x202e].map(
			(code) => String.fromCodePoint(code),
		),
		...[0x2060, 0x2800, 0x3164, 0xfe0f, 0xfeff, 0xffa0, 0xe0001, 0xe0041, 0xe01ef].map(
			(code) => ` ${String.fromCodePoint(code)}`,
		),
		'\u200D\u200C\u200B',
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
		0x2028,
		0x2029,
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

test('S-24: what is not seen is refused, wherever it stands', (t) => {
	const marks = `00AD 034F 115F 17B4 180E 200B 200C 200D 2060 2064 206A 3164 FE00 FE0E FE0F FEFF FFA0
		FFF9 1D173 E0020 E007F E0100`;
	for (const code of marks.split(/\s+/)) {
		const mark = String.fromCodePoint(Number.parseInt(code, 16));
		for (const value of [
			`ad${mark}min`,
			`${mark}admin`,
			`admin${mark}`,
			`1${mark}`,
			`a ${mark} b`,
		]) {
			t.is(fault(value), 'name must not contain invisible characters', code);
		}
	}
	for (const value of [
		'\u200Dنامه',
		'نامه\u200C',
		'نامه\u200C\u200Cای',
		'👩\u200D',
		'\u200D👩',
		'👩\u200D\u200D👧',
		'👩\u200Da',
		'日\uFE0F',
		'🏴\u{E0067}\u{E0062}',
		'१\u200Da',
	]) {
		t.is(fault(value), 'name must not contain invisible characters', JSON.stringify(value));
	}
});

test('joiners and the like stay where a script or an emoji needs them', (t) => {
	for (const value of [
		'نامه\u200Cای', // Persian
		'ক্\u200Dষ', // Bengali
		'ന്\u200D', // Malayalam, at the end of a word
		'ක්\u200Dෂ', // Sinhala
		'क्\u200Cष', // Hindi
		'👩\u200D👩\u200D👧\u200D👦',
		'🧑🏽\u200D💻',
		'🏳\uFE0F\u200D🌈',
		'❤\uFE0F\u200D🔥',
		'1\uFE0F\u20E3',
		'☎\uFE0E',
		'🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}',
		'葛\u{E0100}城',
		'ᠮᠣᠩᠭᠣᠯ\u180B',
	]) {
		t.is(schema.parse(value), value);
	}
});

test('S-24: emails are read, too', (t) => {
	const emailFault = (value: string) => {
		const result = email.safeParse(value);
		return result.success ? undefined : result.error.issues.map(({message}) => message).join(' & ');
	};
	for (const value of [
		'ana@example.com',
		'ana+keys@example.com',
		'أنا@مثال.إختبار',
		'用户@例子.广告',
	]) {
		t.is(emailFault(value), undefined);
	}
	for (const value of [
		'a',
		'@',
		'a@',
		'@b',
		'a@b@c',
		'a b@c',
		'\u3164@example.com',
		'a@\u2800',
		'a@\u200B',
	]) {
		t.is(emailFault(value), 'email must be an email address', JSON.stringify(value));
	}
	for (const value of ['a\u202Eb@example.com', '\u200Fana@example.com', 'a\u0000b@c']) {
		t.is(emailFault(value), 'email must not contain control characters', JSON.stringify(value));
	}
	for (const value of [
		'an\u200Ba@example.com',
		'ana@exam\u00ADple.com',
		'ana\uFEFFx@example.com',
	]) {
		t.not(emailFault(value), undefined, JSON.stringify(value));
	}
	t.is(emailFault('an\u200Ba@example.com'), 'email must not contain invisible characters');
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
