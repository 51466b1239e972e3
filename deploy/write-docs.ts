import {readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {apiVersion} from '../contract/events.ts';
import {apiReference} from './docs/api.ts';
import {everyCommand} from '../tui/commands/commands.ts';
import {billOfMaterials, licencesPage} from './docs/bill-of-materials.ts';
import {commandsReference} from './docs/commands.ts';
import {configurationReference} from './docs/configuration.ts';
import {doctorReference} from './docs/doctor.ts';
import {eventSchemas} from './docs/event-schemas.ts';
import {openApiDocument} from './docs/openapi/document.ts';
import {readDelivered} from './docs/packages.ts';
import {inLines} from './docs/openapi/json.ts';
import {readNames} from './docs/openapi/names.ts';
import {apiPage} from './docs/openapi/page.ts';

/*
`npm run docs`: writes the reference pages from the code. With --check it writes nothing and fails
when a page is not what the code says.
*/

const root = path.join(import.meta.dirname, '..', '..');
const directory = path.join(root, 'docs');
const commands = commandsReference(await everyCommand());
const openApi = `${inLines(openApiDocument(await readNames(root)), 3)}\n`;
const delivered = await readDelivered(root);
const licences = await licencesPage(root, delivered);
const page = await apiPage(openApi);
const alertRules = await readFile(
	path.join(root, 'deploy/monitoring/prometheus/latchkey.rules.yml'),
	'utf8',
);

/** What each page should be, from what it is. */
const pages: Record<string, (before: string) => string> = {
	'configuration.md': configurationReference,
	'doctor.md': doctorReference,
	'api.md': apiReference,
	[`event-schemas/${apiVersion}.json`]: eventSchemas,
	'commands.md': () => commands,
	'openapi.json': () => openApi,
	'api.html': () => page,
	'sbom.cdx.json': () => billOfMaterials(delivered),
	'licences.txt': () => licences,
	// A chart can only read what lies in it.
	'../deploy/helm/latchkey/files/latchkey.rules.yml': () => alertRules,
};

for (const [name, write] of Object.entries(pages)) {
	const file = path.join(directory, name);
	const before = await readFile(file, 'utf8').catch(() => '');
	const text = write(before);
	if (before === text) continue;
	if (process.argv.includes('--check')) {
		console.error(`${path.relative(root, file)} is not what the code says: run npm run docs`);
		process.exitCode = 1;
	} else {
		await writeFile(file, text);
		console.log(`${path.relative(root, file)} written`);
	}
}
