import {createReadStream} from 'node:fs';
import {readdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import {createInterface} from 'node:readline';
import type {OpenApiDocument} from '../../../deploy/docs/openapi/document.ts';
import type {TestOutcome} from '../tap.ts';
import {createCheck} from './check.ts';
import {exchangesFolder, type Exchange} from './recorder.ts';

/** Of one test file; more are hardly read. */
const mostTold = 10;

/**
 * Holds what tests sent and were answered against the document.
 *
 * @param directory of the test run
 * @param isWhole whether every test has run: then all that is documented must have been seen
 */
export async function checkExchanges(
	directory: string,
	project: string,
	{isWhole}: {isWhole: boolean},
): Promise<TestOutcome[]> {
	const text = await readFile(path.join(project, 'docs', 'openapi.json'), 'utf8');
	const check = createCheck(JSON.parse(text) as OpenApiDocument);
	const faults = new Map<string, Set<string>>();
	for await (const exchange of exchangesIn(path.join(directory, exchangesFolder))) {
		const {file, method, target, status} = exchange;
		for (const fault of check.faultsOf(exchange)) {
			const told = `${method} ${target} → ${status}: ${fault}`;
			faults.set(file, (faults.get(file) ?? new Set()).add(told));
		}
	}
	const title = (what: string) => `docs/openapi.json: ${what}`;
	const misfits = [...faults].map(([file, told]) => ({
		title: title(`what ${file} sent and was answered`),
		passed: false,
		detail: [...told].slice(0, mostTold),
	}));
	const unseen = isWhole ? check.unseen() : [];
	return [
		...misfits,
		...(isWhole
			? [
					{
						title: title('every answer that it has is one that the tests were given'),
						passed: unseen.length === 0,
						detail: unseen,
					},
				]
			: []),
	];
}

async function* exchangesIn(folder: string): AsyncGenerator<Exchange, void> {
	for (const name of await readdir(folder)) {
		const lines = createInterface({input: createReadStream(path.join(folder, name))});
		for await (const line of lines) yield JSON.parse(line) as Exchange;
	}
}
