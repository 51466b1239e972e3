import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {eventually} from '../../test/helpers/program.ts';
import {layOut, rounded} from '../figures.ts';
import {residentBytes} from '../process-facts.ts';
import {failures, type Bench, type Outcome, type Scenario} from '../scenario.ts';
import {committed, connectBench} from '../statements.ts';
import {find, type Target} from '../targets.ts';
import {writeRequests} from '../turns.ts';

const megabyte = 1024 ** 2;

/**
 * A fresh server meets many known keys, each for the first time; then any of them again, for a
 * while. How long, how many statements, how much memory. No worker: what is counted is the
 * server's own.
 */
export const coldStart: Scenario = {
	name: 'cold-start',
	title: 'a fresh server and many known keys: time, statements, memory',
	keys: ({sizes}) => sizes.coldKeys,
	run: (bench) => meet(bench, find('self'), 180),
};

/** The same with keys that carry all that a use is held against. */
export const coldStartLaden: Scenario = {
	name: 'cold-start-laden',
	title: 'a fresh server and many keys with scopes, networks and times: time, statements, memory',
	keys: () => 0,
	carrying: ({sizes}) => ({laden: sizes.coldKeys}),
	run: (bench) => meet(bench, find('self-laden'), 300),
};

/** The same with keys that carry limits as well. Their uses ask Redis, once for all of a turn. */
export const coldStartLimited: Scenario = {
	name: 'cold-start-limited',
	title: 'a fresh server and many keys with scopes, networks and limits: time, statements, memory',
	keys: () => 0,
	carrying: ({sizes}) => ({ladenLimited: sizes.coldKeys}),
	run: (bench) => meet(bench, {...find('forward-auth'), keys: 'ladenLimited'}, 320),
};

async function meet(bench: Bench, target: Target, goalMb: number): Promise<Outcome> {
	const {options, fixture, services, directory, signal} = bench;
	const {coldKeys, idleSeconds} = options.sizes;
	const {connections, seconds} = options;
	const keys = fixture[target.keys].slice(0, coldKeys);
	const db = connectBench(services.database);
	try {
		const heapFile = path.join(directory, 'heap.json');
		const program = await bench.startServer({heapFile});
		const rssAtStart = residentBytes(program.pid);
		const committedBefore = await committed(db);
		const first = await bench.useOnce({program, target, keys, connections});
		const rssAtOnce = residentBytes(program.pid);
		// Until PostgreSQL has counted, and the server has cleaned up.
		await delay(idleSeconds * 1000, undefined, {signal});
		const statements = (await committed(db)) - committedBefore;
		const rssKnown = residentBytes(program.pid);

		const again = await bench.startLoad().measure(
			{
				port: program.port,
				requestsFile: await writeRequests(directory, 'again', {target, keys}),
				status: target.status,
				connections,
				choice: 'random',
				warmupMs: 0,
				measureMs: seconds * 1000,
				serverPid: program.pid,
			},
			signal,
		);
		const rssUsed = residentBytes(program.pid);
		process.kill(program.pid, 'SIGUSR2');
		const heap = await eventually(
			async () => JSON.parse(await readFile(heapFile, 'utf8')) as NodeJS.MemoryUsage,
			{withinMs: 10_000, what: 'what the heap holds'},
		);
		// Its sessions end with it: everything is counted in.
		await program.stop();
		const statementsAgain = (await committed(db)) - committedBefore - statements;

		const mb = (bytes: number) => Math.round(bytes / megabyte);
		const result = {
			keys: keys.length,
			connections,
			seconds: rounded(first.seconds, 2),
			p50Ms: rounded(first.p50Ms, 2),
			p99Ms: rounded(first.p99Ms, 2),
			statements,
			cpuPer1000: rounded((first.serverCpuSeconds / keys.length) * 1000, 4),
			failures: first.failureCount,
			again: {
				requests: again.requests,
				statementsPer1000: rounded((statementsAgain / again.requests) * 1000, 2),
				cpuPer1000: rounded((again.serverCpuSeconds / again.requests) * 1000, 4),
				failures: again.failureCount,
			},
			memory: {
				rssAtStartMb: mb(rssAtStart),
				rssAtOnceMb: mb(rssAtOnce),
				rssKnownMb: mb(rssKnown),
				rssUsedMb: mb(rssUsed),
				bytesPerKey: Math.round((rssKnown - rssAtStart) / keys.length),
				heapUsedMb: mb(heap.heapUsed),
				outsideHeapMb: mb(heap.external),
				goalMb,
			},
		};
		const {memory} = result;
		const table = layOut(
			['cold start', ''],
			[
				[`${keys.length} keys, each once`, `${result.seconds} s`],
				['  p50, p99', `${result.p50Ms}, ${result.p99Ms} ms`],
				['  statements, lease included', String(statements)],
				['  CPU s/1000', String(result.cpuPer1000)],
				['any of them again: requests', String(again.requests)],
				['  statements per 1000', String(result.again.statementsPer1000)],
				['  CPU s/1000', String(result.again.cpuPer1000)],
				['RSS at start', `${memory.rssAtStartMb} MB`],
				['RSS after the first use', `${memory.rssAtOnceMb} MB`],
				['RSS some seconds later', `${memory.rssKnownMb} MB`],
				['  bytes per key', String(memory.bytesPerKey)],
				[`RSS after use at full load (goal ${goalMb})`, `${memory.rssUsedMb} MB`],
				[
					'  of which in use: heap, typed arrays',
					`${memory.heapUsedMb}, ${memory.outsideHeapMb} MB`,
				],
			],
		);
		return {
			result,
			table,
			faults: [
				...failures('cold start', first, keys.length),
				...failures('cold start, again', again),
			],
		};
	} finally {
		await db.destroy();
	}
}
