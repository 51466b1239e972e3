import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {call} from '../test/helpers/http.ts';
import type {Fixture} from './fixture.ts';
import type {Measurement} from './load/job.ts';
import type {Load} from './load/start.ts';
import type {Options} from './options.ts';
import type {Program} from './program.ts';
import {targets, type Target} from './targets.ts';

/** One target with all its rounds, in their order. */
export type Measured = {
	target: Target;
	/** Size of the body of an answer. */
	bodyBytes: number;
	rounds: readonly Measurement[];
};

type Throughput = {
	options: Options;
	fixture: Fixture;
	programs: Record<Target['program'], Program>;
	load: Load;
	/** Folder of this run. */
	directory: string;
	say: (text: string) => void;
	signal: AbortSignal;
};

/**
 * Measures the targets in turn, round after round, each round beginning with another one: what
 * slows the machine down for a while slows all of them down.
 */
export async function measureThroughput(bench: Throughput): Promise<readonly Measured[]> {
	const {options, programs, load, say, signal} = bench;
	const series = [];
	for (const target of targets.filter(({name}) => options.only.includes(name))) {
		const requestsFile = await writeRequests(bench, target);
		series.push({
			target,
			requestsFile,
			bodyBytes: await probe(bench, target),
			rounds: [] as Measurement[],
		});
	}

	for (let round = 0; round < options.rounds; round++) {
		const first = round % series.length;
		for (const {target, requestsFile, rounds} of [
			...series.slice(first),
			...series.slice(0, first),
		]) {
			const program = programs[target.program];
			const measurement = await load.measure(
				{
					port: program.port,
					requestsFile,
					status: target.status,
					connections: options.connections,
					warmupMs: options.warmupSeconds * 1000,
					measureMs: options.seconds * 1000,
					serverPid: program.pid,
				},
				signal,
			);
			rounds.push(measurement);
			if (measurement.failureCount > 0) say(await program.complaints());
			await program.truncateLog();
			say(
				`round ${round + 1}/${options.rounds}  ${target.title.padEnd(26)} ${Math.round(measurement.requests / measurement.seconds)} requests/s`,
			);
		}
	}
	return series;
}

/** A file, readable by us alone: a million keys fit no message, and argv would show them. */
async function writeRequests({fixture, directory}: Throughput, target: Target): Promise<string> {
	const file = path.join(directory, `${target.name}.requests`);
	const lines = fixture[target.keys].map(
		(key) => `${target.path(key)} ${key.text} ${target.body?.(key) ?? ''}`,
	);
	await writeFile(file, lines.join('\n'), {mode: 0o600});
	return file;
}

/** One request before it all. @returns the size of its body */
async function probe({fixture, programs}: Throughput, target: Target): Promise<number> {
	const [key] = fixture[target.keys];
	if (key === undefined) throw new Error('no keys');
	const {port} = programs[target.program];
	const answer = await call(`http://127.0.0.1:${port}`, target.path(key), {
		bearer: key.text,
		body: target.body?.(key),
	});
	if (answer.status !== target.status) {
		throw new Error(
			`${target.title}: answered ${answer.status} instead of ${target.status}: ${answer.text}`,
		);
	}
	return Buffer.byteLength(answer.text);
}
