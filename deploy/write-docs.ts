import {readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {apiReference} from './docs/api.ts';
import {everyCommand} from '../tui/commands/commands.ts';
import {commandsReference} from './docs/commands.ts';
import {configurationReference} from './docs/configuration.ts';

/*
`npm run docs`: writes the reference pages from the code. With --check it writes nothing and fails when a page is not what the code says.
*/

const directory = path.join(import.meta.dirname, '..', '..', 'docs');
const pages: Record<string, string> = {
	'configuration.md': configurationReference(),
	'api.md': apiReference(),
	'commands.md': commandsReference(await everyCommand()),
};

for (const [name, text] of Object.entries(pages)) {
	const file = path.join(directory, name);
	const before = await readFile(file, 'utf8').catch(() => '');
	if (before === text) continue;
	if (process.argv.includes('--check')) {
		console.error(`docs/${name} is not what the code says: run npm run docs`);
		process.exitCode = 1;
	} else {
		await writeFile(file, text);
		console.log(`docs/${name} written`);
	}
}
