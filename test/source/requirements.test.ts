import {glob, readFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';

const sources = path.join(import.meta.dirname, '../../../test');

/** From here to there. */
const between = (first: number, last: number) =>
	Array.from({length: last - first + 1}, (_, i) => first + i);

/** Of tokens, people, SQL, addresses, rights, the audit trail and secrets. */
const requirements = [...between(40, 66), ...between(70, 76), ...between(80, 95)];

/** Numbers in titles of tests: what stands in a comment proves nothing. */
async function named(): Promise<Set<number>> {
	const found = new Set<number>();
	for await (const file of glob('**/*.test.ts', {cwd: sources})) {
		const text = await readFile(path.join(sources, file), 'utf8');
		for (const [, title = ''] of text.matchAll(/\btest(?:\.serial)?\(\s*(?:'|"|`)(.*)/g)) {
			for (const [, number] of title.matchAll(/\bS-(\d+)/g)) found.add(Number(number));
		}
	}
	return found;
}

test('each requirement of tokens, people, rights, audit and secrets is named by the test that proves it', async (t) => {
	const found = await named();
	t.deepEqual(
		requirements.filter((number) => !found.has(number)).map((number) => `S-${number}`),
		[],
	);
});
