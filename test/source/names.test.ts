import test from 'ava';
import {readTree} from './tree.ts';

/** What every program and every job has. */
const common = new Set(['main', 'runOnce']);

const exported =
	/^export (?:abstract |async )?(?:type|class|const|function\*?|interface) ([A-Za-z0-9_]+)/gm;

test('a name that is exported means one thing in all that the programs are made of', async (t) => {
	const homes = new Map<string, string[]>();
	for (const {name: file, text} of await readTree(['contract', 'core', 'server', 'worker'])) {
		for (const [, name = ''] of text.matchAll(exported)) {
			if (!common.has(name)) homes.set(name, [...(homes.get(name) ?? []), file]);
		}
	}
	t.true(homes.has('createVerifier') && homes.has('KeyFacts'), 'names are found');
	t.deepEqual(
		[...homes].filter(([, files]) => files.length > 1),
		[],
	);
});
