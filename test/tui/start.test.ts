import {execFile} from 'node:child_process';
import {promisify} from 'node:util';
import test from 'ava';
import stringWidth from '../../tui/text/string-width.ts';

/** Loads what the console loads before its first paint; tells which files, and whether undici came along. */
const script = `
	import {registerHooks} from 'node:module';
	process.env.NODE_ENV = 'production';
	Reflect.deleteProperty(globalThis, 'fetch');
	const {loadLess} = await import(${JSON.stringify(import.meta.resolve('../../tui/load-less.js'))});
	const files = [];
	registerHooks({
		load(url, context, next) {
			files.push(url);
			return next(url, context);
		},
	});
	loadLess();
	await import(${JSON.stringify(import.meta.resolve('../../tui/main.js'))});
	await import(${JSON.stringify(import.meta.resolve('../../tui/console.js'))});
	await import(${JSON.stringify(import.meta.resolve('../../tui/app/draw.js'))});
	const undici = process.moduleLoadList.some((name) => name.includes('undici/undici'));
	process.stdout.write(JSON.stringify({files, undici}));
`;

test('before the first paint nothing is loaded that is never used', async (t) => {
	const {stdout} = await promisify(execFile)(
		process.execPath,
		['--input-type=module', '--eval', script],
		{maxBuffer: 1024 ** 2},
	);
	const {files, undici} = JSON.parse(stdout) as {files: string[]; undici: boolean};
	t.false(undici);
	const of = (part: string) => files.filter((file) => file.includes(part));
	t.true(of('/ink/').length > 0);
	t.is(of('/es-toolkit/').length, 3, of('/es-toolkit/').join('\n'));
	t.deepEqual(
		of('/zod/v4/locales/').map((file) => file.split('/').at(-1)),
		['en.js'],
	);
	t.is(of('/node_modules/string-width/').length, 0);
	t.is(of('/tui/text/string-width.js').length, 1);
});

test('for Ink colours take no columns, unless it asks for them', (t) => {
	t.is(stringWidth('\u001B[1m数据\u001B[22m ab'), 7);
	t.is(stringWidth('\u001B[1mab', {countAnsiEscapeCodes: true}), 5);
	t.is(stringWidth('▌ a › b ● …'), 11);
});
