import {execFile} from 'node:child_process';
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import {promisify} from 'node:util';
import test from 'ava';
import stringWidth from '../../tui/text/string-width.ts';

const dist = path.join(import.meta.dirname, '..', '..');

/** What a part of the bundle brings along at once: the files in it, and in those that it imports. */
type Part = {
	entryPoint?: string;
	imports: {path: string; kind: string}[];
	inputs: Record<string, {bytesInOutput: number}>;
};

test('before the first paint nothing is loaded that is never used', async (t) => {
	const {outputs} = JSON.parse(await readFile(path.join(dist, 'parts.json'), 'utf8')) as {
		outputs: Record<string, Part>;
	};
	const wanted = ['tui/main.ts', 'tui/console.ts', 'tui/app/draw.tsx'];
	const parts = new Set(
		Object.keys(outputs).filter((name) => wanted.includes(outputs[name]?.entryPoint ?? '')),
	);
	t.is(parts.size, wanted.length);
	for (const name of parts) {
		for (const {path: imported, kind} of outputs[name]?.imports ?? []) {
			if (kind === 'import-statement' && imported in outputs) parts.add(imported);
		}
	}
	const files = [...parts].flatMap((name) =>
		Object.entries(outputs[name]?.inputs ?? {})
			.filter(([, {bytesInOutput}]) => bytesInOutput > 0)
			.map(([file]) => `/${file}`),
	);
	const of = (some: string) => files.filter((file) => file.includes(some));
	t.true(of('/ink/').length > 0);
	t.true(of('/es-toolkit/').length <= 4, of('/es-toolkit/').join('\n'));
	t.deepEqual(
		of('/zod/v4/locales/').map((file) => file.split('/').at(-1)),
		['en.js'],
	);
	t.deepEqual(of('.development.js'), []);
	t.is(of('/node_modules/string-width/').length, 0);
	t.is(of('/tui/text/string-width.ts').length, 1);

	// As the console does, which has no use for it.
	const script = `
		Reflect.deleteProperty(globalThis, 'fetch');
		for (const name of process.argv.slice(1)) await import(name);
		const undici = process.moduleLoadList.some((name) => name.includes('undici/undici'));
		process.stdout.write(String(undici));
	`;
	const {stdout} = await promisify(execFile)(process.execPath, [
		'--input-type=module',
		`--eval=${script}`,
		...[...parts].map((name) => pathToFileURL(path.join(dist, '..', name)).href),
	]);
	t.is(stdout, 'false');
});

test('for Ink colours take no columns, unless it asks for them', (t) => {
	t.is(stringWidth('\u001B[1m数据\u001B[22m ab'), 7);
	t.is(stringWidth('\u001B[1mab', {countAnsiEscapeCodes: true}), 5);
	t.is(stringWidth('▌ a › b ● …'), 11);
});
