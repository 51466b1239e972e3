import test from 'ava';
import fc from 'fast-check';
import xterm from '@xterm/headless';
import {clean, typed} from '../../tui/text/clean.ts';
import {ago, duration} from '../../tui/text/time.ts';
import {fit, graphemes, truncate, width, wrap} from '../../tui/text/width.ts';

const anyText = fc.oneof(
	fc.string({unit: 'grapheme'}),
	fc.string({unit: 'binary'}),
	fc.string({
		unit: fc.constantFrom(
			'a',
			'数',
			'e\u0301',
			'🚀',
			'👩‍💻',
			'🇫🇷',
			'\u001B[31m',
			'\u202E',
			'\u0000',
			'ｶﾞ',
			'한',
			'…',
		),
	}),
);

test('what cannot be trusted never reaches the terminal', (t) => {
	const hostile = {
		'\u001B]52;c;aGk=\u0007': '�]52;c;aGk=�',
		'\u001B[2J': '�[2J',
		'\u009B31m': '�31m',
		'safe\u202Egpj.exe': 'safe�gpj.exe',
		'two\nlines': 'two�lines',
		'a\u200Bb': 'a�b',
		'\u{E0041}tag': '�tag',
		'\uD800': '�',
		'naïve 数据 👩‍💻': 'naïve 数据 👩‍💻',
	};
	for (const [text, shown] of Object.entries(hostile))
		t.is(clean(text), shown, JSON.stringify(text));
});

// oxlint-disable-next-line no-control-regex
const unsafe = /[\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/u;

test('cleaned text draws nothing but itself, whatever it was', (t) => {
	fc.assert(
		fc.property(anyText, (text) => {
			const shown = clean(text);
			return !unsafe.test(shown) && clean(shown) === shown;
		}),
	);
	t.pass();
});

test('a heap of combining marks is cut to what stays on its line', (t) => {
	t.is(clean(`Z${'\u0301'.repeat(40)}`).length, 5);
});

test('text typed or pasted is one line without controls', (t) => {
	t.is(typed('a\r\nb\u001B[A\tc'), 'ab[Ac');
});

test('width is what a terminal takes', async (t) => {
	const emulator = new xterm.Terminal({cols: 40, rows: 2, allowProposedApi: true});
	const samples = [
		'plain',
		'Ünïcode',
		'e\u0301a',
		'数据平台',
		'한국어',
		'ｆｕｌｌ',
		'ｱｲ',
		'…',
		'▌',
		'│─',
		'नि',
	];
	for (const sample of samples) {
		await new Promise<void>((resolve) => emulator.write(`\r\u001B[K${sample}`, resolve));
		// A Devanagari vowel sign takes a column of its own or none, by terminal.
		if (sample === 'नि') t.true(width(sample) >= 1 && width(sample) <= 2);
		else t.is(width(sample), emulator.buffer.active.cursorX, sample);
	}
	emulator.dispose();
	t.is(width('🚀'), 2);
	t.is(width('👩‍💻'), 2);
	t.is(width('🇫🇷'), 2);
	t.is(width('\u0000\u200D'), 0);
});

test('fitted text is exactly as wide as asked, and never cuts a character in two', (t) => {
	fc.assert(
		fc.property(anyText.map(clean), fc.integer({min: 1, max: 60}), (text, columns) => {
			const whole = graphemes(text);
			const kept = graphemes(truncate(text, columns, ''));
			return (
				width(fit(text, columns)) === columns &&
				width(truncate(text, columns)) <= columns &&
				kept.join('') === whole.slice(0, kept.length).join('')
			);
		}),
	);
	t.pass();
});

test('wrapped text keeps every word and no line is too wide', (t) => {
	fc.assert(
		fc.property(anyText.map(clean), fc.integer({min: 4, max: 40}), (text, columns) => {
			const lines = wrap(text, columns);
			const without = (value: string) => value.replaceAll(/\s/gu, '');
			return (
				lines.every((line) => width(line) <= columns) && without(lines.join('')) === without(text)
			);
		}),
	);
	t.pass();
});

test('times are said in the largest whole unit', (t) => {
	const now = Date.parse('2026-03-12T12:00:00Z');
	t.is(ago(null, now), 'never');
	t.is(ago('2026-03-12T11:59:58Z', now), 'just now');
	t.is(ago('2026-03-12T12:00:09Z', now), 'just now');
	t.is(ago('2026-03-12T11:59:30Z', now), '30s ago');
	t.is(ago('2026-03-12T11:00:30Z', now), '59m ago');
	t.is(ago('2026-03-11T11:00:00Z', now), '25h ago');
	t.is(ago('2026-03-01T12:00:00Z', now), '11d ago');
	t.is(ago('2024-03-01T12:00:00Z', now), '2024-03-01');
});

test('durations are a number and a unit, and nothing else', (t) => {
	t.is(duration('90s'), 90_000);
	t.is(duration('2w'), 14 * 86_400_000);
	for (const wrong of ['', '5', 'd', '-1d', '1y', '1.5h', '9999999d'])
		t.is(duration(wrong), undefined);
});
