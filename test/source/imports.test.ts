import path from 'node:path';
import test from 'ava';
import {readTree} from './tree.ts';

/*
Who may know whom. A file knows another where it imports it in any way: for its types alone, or only
once it is needed (`await import()`). Loading late ends no circle: neither file can be read, tested or
changed without the other.
*/

/** Each floor, and those below it that its files may import. */
const floors: Record<string, readonly string[]> = {
	contract: [],
	core: ['contract'],
	server: ['contract', 'core'],
	worker: ['contract', 'core'],
	tui: ['contract'],
	deploy: ['contract', 'core', 'server', 'worker', 'tui'],
	bench: ['contract', 'core', 'server', 'worker', 'tui', 'deploy', 'test'],
};

/** Every file with those of ours that it imports, one of each floor and of the tests, too. */
const imports = new Map(
	(await readTree([...Object.keys(floors), 'test'])).map(({name, text}) => [
		name,
		Array.from(
			text.matchAll(/\b(?:from|import)[ (]'(\.{1,2}\/[^']+\.tsx?)'/g),
			([, specifier = '']) => path.join(path.dirname(name), specifier),
		),
	]),
);

const floorOf = (file: string) => file.slice(0, file.indexOf('/'));

/** All that a file knows, itself only where it is in a circle. */
function reach(file: string): Set<string> {
	const found = new Set<string>();
	const open = [file];
	for (let next = open.pop(); next !== undefined; next = open.pop()) {
		for (const target of imports.get(next) ?? []) {
			if (found.has(target)) continue;
			found.add(target);
			open.push(target);
		}
	}
	return found;
}

/** Files that all know each other, in a line for each such circle. */
function circles(files: Iterable<string>): string[] {
	const known = new Map(Array.from(files, (file) => [file, reach(file)]));
	const found = new Set<string>();
	for (const [file, reached] of known) {
		if (!reached.has(file)) continue;
		found.add(
			[...reached]
				.filter((other) => known.get(other)?.has(file))
				.sort()
				.join(' '),
		);
	}
	return [...found].sort();
}

test('imports are found, and lead to files that exist', (t) => {
	t.true(
		(imports.get('tui/commands/commands.ts') ?? []).includes('tui/commands/list-keys.ts'),
		'late',
	);
	t.true((imports.get('core/keys/policy.ts') ?? []).includes('contract/organisations.ts'), 'types');
	t.deepEqual(
		[...imports.values()].flat().filter((file) => !imports.has(file)),
		[],
	);
});

test('imports go one way: no floor knows one above it, or beside it', (t) => {
	const wrong = [...imports].flatMap(([file, targets]) => {
		const floor = floorOf(file);
		const allowed = [floor, ...(floors[floor] ?? Object.keys(floors))];
		return targets
			.filter((target) => !allowed.includes(floorOf(target)))
			.map((target) => `${file} imports ${target}`);
	});
	t.deepEqual(wrong, []);
});

test('no files import each other in a circle', (t) => {
	t.deepEqual(circles(imports.keys()), []);
});
