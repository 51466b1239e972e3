import {execFile} from 'node:child_process';
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {promisify} from 'node:util';
import test from 'ava';
import stringWidth from '../../tui/ink/string-width.ts';

const dist = path.join(import.meta.dirname, '..', '..');

/** What is in a file of the bundle. */
type Part = {inputs: Record<string, {bytesInOutput: number}>};

test('the console is in one file, with nothing in it that is never used', async (t) => {
	const {console} = JSON.parse(await readFile(path.join(dist, 'parts.json'), 'utf8')) as {
		console: {outputs: Record<string, Part>};
	};
	const [part, ...others] = Object.values(console.outputs);
	t.is(others.length, 0);
	const files = Object.entries(part?.inputs ?? {})
		.filter(([, {bytesInOutput}]) => bytesInOutput > 0)
		.map(([file]) => `/${file}`);
	const of = (some: string) => files.filter((file) => file.includes(some));
	t.true(of('/ink/').length > 0);
	t.true(of('/es-toolkit/').length <= 4, of('/es-toolkit/').join('\n'));
	t.deepEqual(
		of('/zod/v4/locales/').map((file) => file.split('/').at(-1)),
		['en.js', 'index.js'],
	);
	t.deepEqual(of('.development.js'), []);
	t.is(of('/node_modules/string-width/').length, 0);
	t.is(of('/tui/ink/string-width.ts').length, 1);
	t.deepEqual(of('/server/'), []);
});

test('no letter in the files of the console makes V8 keep each of them in two bytes', async (t) => {
	for (const file of [
		'bundle/console.cjs',
		'bundle/commands.cjs',
		'bundle/latchkey.js',
		'latchkey',
	]) {
		const text = await readFile(path.join(dist, file), 'utf8');
		t.is(/[^\0-\x7F]/.exec(text)?.[0], undefined, file);
	}
});

test('before its first frame the console does not load the HTTP client of fetch', async (t) => {
	// Where nothing listens: the first frame does not wait for the server.
	const script = `
		const {PassThrough} = require('node:stream');
		const stdin = Object.assign(new PassThrough(), {isTTY: true, setRawMode() {}, ref() {}, unref() {}});
		const stdout = Object.assign(new PassThrough(), {isTTY: true, columns: 80, rows: 24});
		stdout.on('data', (text) => {
			if (!String(text).includes('latchkey')) return;
			const undici = process.moduleLoadList.some((name) => name.includes('undici/undici'));
			process.stderr.write(JSON.stringify({undici, fetch: typeof fetch}));
			process.exit();
		});
		const terminal = {stdin, stdout, stderr: new PassThrough()};
		const environment = {LATCHKEY_URL: 'http://127.0.0.1:1', HOME: '/nonexistent', TERM: 'xterm'};
		require(process.argv[1]).then(({main}) => main([], environment, terminal));
	`;
	const {stderr} = await promisify(execFile)(process.execPath, [
		'--eval',
		script,
		path.join(dist, 'bundle', 'console.cjs'),
	]);
	t.deepEqual(JSON.parse(/\{.*\}/.exec(stderr)?.[0] ?? ''), {undici: false, fetch: 'function'});
});

test('for Ink colours take no columns, unless it asks for them', (t) => {
	t.is(stringWidth('\u001B[1m数据\u001B[22m ab'), 7);
	t.is(stringWidth('\u001B[1mab', {countAnsiEscapeCodes: true}), 5);
	t.is(stringWidth('▌ a › b ● …'), 11);
});
