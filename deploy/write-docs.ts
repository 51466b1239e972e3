import {readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {apiVersion} from '../contract/events.ts';
import {apiReference} from './docs/api.ts';
import {everyCommand} from '../tui/commands/commands.ts';
import {commandsReference} from './docs/commands.ts';
import {configurationReference} from './docs/configuration.ts';
import {eventSchemas} from './docs/event-schemas.ts';

/*
`npm run docs`: writes the reference pages from the code. With --check it writes nothing and fails
when a page is not what the code says.
*/

const directory = path.join(import.meta.dirname, '..', '..', 'docs');
const commands = commandsReference(await everyCommand());

/** What each page should be, from what it is. */
const pages: Record<string, (before: string) => string> = {
	'configuration.md': configurationReference,
	'api.md': apiReference,
	[`event-schemas/${apiVersion}.json`]: eventSchemas,
	'commands.md': () => commands,
};

for (const [name, write] of Object.entries(pages)) {
	const file = path.join(directory, name);
	const before = await readFile(file, 'utf8').catch(() => '');
	const text = write(before);
	if (before === text) continue;
	if (process.argv.includes('--check')) {
		console.error(`docs/${name} is not what the code says: run npm run docs`);
		process.exitCode = 1;
	} else {
		await writeFile(file, text);
		console.log(`docs/${name} written`);
	}
}
