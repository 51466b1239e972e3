import {readdir, readFile, stat} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';

/*
A command that ends before it has read everything (`grep -q`, `head`) has whoever writes to it killed by a
broken pipe, now and then. With `set -o pipefail` what was found is then a failure.
*/

const project = path.join(import.meta.dirname, '..', '..', '..');
const closesEarly = /\|\s*(?:head\b|grep\s+(?:-\w*[qm]|--quiet|--max-count))/;

/** The lines of scripts that do so, with their places. */
async function earlyEnds(): Promise<string[]> {
	const names = await readdir(path.join(project, 'deploy'), {recursive: true});
	const files = [...names.map((name) => path.join('deploy', name)), '.ci/run'];
	const found = await Promise.all(
		files.map(async (file) => {
			const whole = path.join(project, file);
			if (!(await stat(whole)).isFile()) return [];
			const text = await readFile(whole, 'utf8');
			const isScript = file.endsWith('.sh') || /^#!.*\b(?:ba)?sh\n/.test(text);
			return isScript ? [[file, text] as const] : [];
		}),
	);
	return found.flat().flatMap(([file, text]) =>
		text
			.split('\n')
			.map((line, at) => ({line, place: `${file}:${at + 1}`}))
			.filter(({line}) => closesEarly.test(line))
			.map(({line, place}) => `${place}: ${line.trim()}`),
	);
}

test('no script ends reading a pipe before its end', async (t) => {
	t.true(closesEarly.test('compose config --services | grep -qx backup'));
	t.true(closesEarly.test('docker ps | head -n 1'));
	t.deepEqual(await earlyEnds(), []);
});
