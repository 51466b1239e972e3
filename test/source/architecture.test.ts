import {glob, readFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';

const root = path.join(import.meta.dirname, '..', '..', '..');
const folders = 'contract,core,server,worker,tui,migrations,deploy,test,bench';

test('files and folders that docs/ARCHITECTURE.md names are there', async (t) => {
	const page = await readFile(path.join(root, 'docs', 'ARCHITECTURE.md'), 'utf8');
	const named = new Set(
		Array.from(page.matchAll(/`([\w./-]+?(?:\.(?:tsx?|sql)|(?=\/`)))/g), ([, name = '']) => name),
	);
	t.true(named.size > 50);
	// In a paragraph about a room its files go by their names alone.
	for await (const found of glob(`{${folders}}{,/**}`, {cwd: root})) {
		for (const name of named) if (`/${found}`.endsWith(`/${name}`)) named.delete(name);
	}
	t.deepEqual([...named], []);
});
