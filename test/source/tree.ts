import {glob, readFile} from 'node:fs/promises';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..', '..', '..');

/** A file of the program. */
export type Source = {
	/** From the root of the repository. */
	name: string;
	text: string;
};

/** Every source file of these folders, in the order of their names. */
export async function readTree(folders: readonly string[]): Promise<Source[]> {
	const names: string[] = [];
	for await (const name of glob(`{${folders.join(',')}}/**/*.{ts,tsx}`, {cwd: root})) {
		names.push(name);
	}
	return Promise.all(
		names.sort().map(async (name) => ({name, text: await readFile(path.join(root, name), 'utf8')})),
	);
}
