import {existsSync} from 'node:fs';
import path from 'node:path';
import type {TestOutcome} from './tap.ts';

/** ava writes `tui › journey › a key is made` for a test of test/tui/journey.test.ts. */
const separator = ' › ';

/** More files than these do not fail for want of a moment's computing time. */
const mostFiles = 8;

/** A revoked key that is accepted once in a thousand histories has been found: nobody asks again. */
const onlyOnce: ReadonlySet<string> = new Set(['proof', 'verification']);

/**
 * The test files that are run again, alone, after a whole run: on a busy machine a test can run out
 * of patience although nothing is wrong.
 *
 * @returns none where too many files failed, or one that is run only once, or something that is not a test
 */
export function filesToTryAgain(outcomes: readonly TestOutcome[], project: string): string[] {
	const failed = outcomes.filter(({passed}) => !passed);
	const files = new Set(failed.map(({title}) => fileOf(title, project)));
	const known = [...files].filter((file) => file !== undefined);
	return known.length === files.size && known.length <= mostFiles ? known : [];
}

/** The outcomes with those of a file that passed as a whole when it was run again; else as they were. */
export function withSecondTry(
	outcomes: readonly TestOutcome[],
	file: string,
	second: readonly TestOutcome[],
): TestOutcome[] {
	const prefix = prefixOf(file);
	const before = outcomes.filter(({title}) => title.startsWith(prefix));
	const others = outcomes.filter(({title}) => !title.startsWith(prefix));
	// A test that failed is there again, but for a hook, whose success nobody tells.
	const isWhole = second.length > 0 && second.every(({passed}) => passed);
	const ran = before.filter(({passed}) => passed).length;
	if (!isWhole || second.length < ran) return [...outcomes];
	return [...others, ...second.map((outcome) => ({...outcome, title: prefix + outcome.title}))];
}

function fileOf(title: string, project: string): string | undefined {
	const parts = title.split(separator);
	const [folder = ''] = parts;
	if (parts.length < 3 || onlyOnce.has(folder)) return undefined;
	// A title may have the separator itself: the shortest path that is a file is meant.
	for (let length = 2; length < parts.length; length++) {
		const name = path.join('test', `${parts.slice(0, length).join('/')}.test.`);
		const found = ['ts', 'tsx'].find((end) => existsSync(path.join(project, name + end)));
		if (found !== undefined) return name + found;
	}
	return undefined;
}

function prefixOf(file: string): string {
	const name = path.relative('test', file).replace(/\.test\.tsx?$/, '');
	return `${name.split(path.sep).join(separator)}${separator}`;
}
