import {existsSync} from 'node:fs';
import path from 'node:path';

/** The folder that holds this package: `docs` and `migrations` are in it, however deep this file was built to. */
export const projectDirectory = find(import.meta.dirname);

function find(directory: string): string {
	if (existsSync(path.join(directory, 'package.json'))) return directory;
	const parent = path.dirname(directory);
	if (parent === directory) throw new Error('package.json of Latchkey is missing');
	return find(parent);
}
