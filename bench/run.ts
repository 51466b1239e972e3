import {mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {runToEnd} from '../deploy/embedded/program.ts';
import {createBench, latchkey} from './bench.ts';
import {createCleanUp, type CleanUp} from './clean-up.ts';
import {readOptions, usage, UsageError} from './command-line.ts';
import {sum} from './figures.ts';
import {carryingKinds, createFixture, type CarryingKind} from './fixture.ts';
import {countCores, machineFacts} from './machine.ts';
import type {Options} from './options.ts';
import {buildOtherVersion} from './other-version.ts';
import {pinBench} from './pinning.ts';
import type {Outcome} from './scenario.ts';
import {scenarios} from './scenarios/all.ts';
import {makeRunDirectory, startServices} from './services.ts';

/*
`npm run bench`: the production build on a PostgreSQL and a Redis of its own, measured beside bare
Koa. Exits 0 when every request was answered as it should be, 1 when not, 2 for a wrong command
line, 130 when interrupted. bench/README.md says how to read what it prints.
*/

const projectDirectory = path.join(import.meta.dirname, '..', '..');

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
	process.on(signal, () => interrupted.abort());
}
const {signal} = interrupted;
const cleanUp = createCleanUp();
process.exitCode = await main();

async function main(): Promise<number> {
	let exitCode: number;
	try {
		const defaultOutput = path.join(projectDirectory, 'bench', 'result.json');
		const options = readOptions(process.argv.slice(2), defaultOutput);
		if (options === undefined) {
			console.log(usage);
			return 0;
		}
		exitCode = (await bench(options)) ? 0 : 1;
	} catch (error) {
		if (error instanceof UsageError) {
			console.error(`${error.message}\n\n${usage}`);
			return 2;
		}
		if (!signal.aborted) console.error(error instanceof Error ? error.message : error);
		exitCode = 1;
	}
	for (const fault of await cleanUp.run()) {
		if (signal.aborted) continue;
		console.error(fault instanceof Error ? fault.message : fault);
		exitCode = 1;
	}
	if (!signal.aborted) return exitCode;
	console.error('Interrupted; everything is stopped.');
	return 130;
}

/** @returns whether every request was answered as it should be */
async function bench(options: Options): Promise<boolean> {
	const cores = countCores();
	const pinning = await pinBench();
	console.log(
		pinning === undefined
			? `${cores} cores; nothing is pinned: taskset is not to be had, or there is one core only.`
			: `${cores} cores; a server that is measured by itself has core ${pinning.server}, load, PostgreSQL, Redis and worker have core ${pinning.others}.`,
	);

	const directory = await makeRunDirectory(cleanUp);
	const otherVersion =
		options.compare === undefined
			? undefined
			: await buildOtherVersion(options.compare, {projectDirectory, directory, signal});
	const services = await startServices(directory, projectDirectory, cleanUp, signal);
	signal.throwIfAborted();
	await runToEnd(
		{
			name: 'migrate',
			args: [latchkey, 'migrate'],
			env: {PATH: process.env['PATH'], NODE_ENV: 'production', ...services.env},
			logFile: path.join(directory, 'migrate.log'),
		},
		signal,
	);
	const chosen = scenarios.filter(({name}) => options.scenarios.includes(name));
	const fixture = await createFixture(services.database, {
		known: Math.max(...chosen.map(({keys}) => keys(options))),
		carrying: Object.fromEntries(
			carryingKinds.map((kind) => [
				kind,
				Math.max(0, ...chosen.map(({carrying}) => carrying?.(options)[kind] ?? 0)),
			]),
		) as Record<CarryingKind, number>,
		refused: options.keys,
		revocable: sum(chosen.map(({revokes}) => revokes?.(options) ?? 0)),
	});
	signal.throwIfAborted();

	const {rounds, seconds, warmupSeconds, keys, connections, sizes} = options;
	console.log(`${keys} keys, ${connections} connections, ${rounds} rounds of ${seconds} s each.\n`);
	const outcomes: [string, Outcome][] = [];
	for (const {name, title, run} of chosen) {
		const beganAt = performance.now();
		console.log(`${name}: ${title}`);
		const own = createCleanUp();
		// What is left of it when the run is interrupted.
		cleanUp.add(() => stopAll(own));
		const outcome = await run(
			createBench({
				options,
				fixture,
				services,
				pinning,
				otherVersion,
				directory,
				cleanUp: own,
				signal,
			}),
		);
		await stopAll(own);
		outcomes.push([name, outcome]);
		const took = Math.round((performance.now() - beganAt) / 1000);
		console.log(`\n${outcome.table}\n(${took} s)\n`);
	}

	const result = {
		machine: await machineFacts(projectDirectory, cores, pinning, services),
		options: {rounds, seconds, warmupSeconds, keys, connections, sizes},
		...(otherVersion && {comparedWith: otherVersion.name}),
		...Object.fromEntries(outcomes.map(([name, outcome]) => [camelCase(name), outcome.result])),
	};
	await mkdir(path.dirname(options.output), {recursive: true});
	await writeFile(options.output, `${JSON.stringify(result, undefined, '\t')}\n`);

	const wrong = outcomes.flatMap(([, {faults}]) => faults);
	if (wrong.length > 0) console.error([...new Set(wrong)].join('\n'));
	return wrong.length === 0;
}

async function stopAll(own: CleanUp): Promise<void> {
	const faults = await own.run();
	if (faults.length > 0) throw faults[0];
}

function camelCase(name: string): string {
	return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
