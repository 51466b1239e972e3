import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {call} from '../test/helpers/http.ts';
import type {PresentedKey} from './fixture.ts';
import type {Choice, Measurement} from './load/job.ts';
import type {Load} from './load/start.ts';
import type {Options} from './options.ts';
import type {Program} from './program.ts';
import {bearerOf, type Target} from './targets.ts';

/** One row that is measured: a target, asked of a program with certain keys. */
export type Subject = {
	/** Name of the row: that of the target, or longer. */
	name: string;
	title: string;
	target: Target;
	program: Program;
	keys: readonly PresentedKey[];
	choice: Choice;
	/** Absent: those of the options. */
	connections?: number;
	/** For a load below saturation; absent: as fast as answers come. */
	requestsPerSecond?: number;
	/** Name of the row that asks another version, or another server, for the same. */
	other?: string;
};

/** A subject with all its rounds, in their order. */
export type Measured = Pick<Subject, 'name' | 'title' | 'target' | 'other'> & {
	/** Size of the body of an answer. */
	bodyBytes: number;
	rounds: readonly Measurement[];
};

type Turns = {
	options: Pick<Options, 'rounds' | 'seconds' | 'warmupSeconds' | 'connections'>;
	subjects: readonly Subject[];
	load: Load;
	/** Folder of this run. */
	directory: string;
	say: (text: string) => void;
	signal: AbortSignal;
};

/**
 * Measures the subjects in turn, round after round, each round beginning with another one: what
 * slows the machine down for a while slows all of them down.
 */
export async function measureInTurns(turns: Turns): Promise<readonly Measured[]> {
	const {options, subjects, load, directory, say, signal} = turns;
	const series = [];
	for (const subject of subjects) {
		const requestsFile = await writeRequests(directory, subject.name, subject);
		const rounds: Measurement[] = [];
		series.push({...subject, requestsFile, bodyBytes: await probe(subject), rounds});
	}

	for (let round = 0; round < options.rounds; round++) {
		const first = round % series.length;
		const order = [...series.slice(first), ...series.slice(0, first)];
		// There and back: of two neighbours each is the first one as often.
		if (round % 2 === 1) order.reverse();
		for (const subject of order) {
			const {title, target, program, choice, requestsPerSecond, requestsFile, rounds} = subject;
			const measurement = await load.measure(
				{
					port: program.port,
					requestsFile,
					status: target.status,
					connections: subject.connections ?? options.connections,
					choice,
					...(requestsPerSecond !== undefined && {requestsPerSecond}),
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
				`round ${round + 1}/${options.rounds}  ${title.padEnd(32)} ${Math.round(measurement.requests / measurement.seconds)} requests/s`,
			);
		}
	}
	return series.map(({name, title, target, other, bodyBytes, rounds}) => ({
		name,
		title,
		target,
		...(other && {other}),
		bodyBytes,
		rounds,
	}));
}

/** Requests with many keys each: they are long. */
const mostBatches = 1000;

/**
 * A file, readable by us alone: a million keys do not fit into a message, and argv would show them.
 */
export async function writeRequests(
	directory: string,
	name: string,
	{target, keys}: Pick<Subject, 'target' | 'keys'>,
): Promise<string> {
	const file = path.join(directory, `${name}.requests`);
	const others = Map.groupBy(keys, ({organisationId}) => organisationId);
	const lines = keys.slice(0, target.batch === undefined ? keys.length : mostBatches).map((key) => {
		const body = target.body?.(key, others.get(key.organisationId) ?? []) ?? '';
		return `${target.path(key)} ${bearerOf(target, key)} ${body}`;
	});
	await writeFile(file, lines.join('\n'), {mode: 0o600});
	return file;
}

/** One request before it all. @returns the size of its body */
async function probe({title, target, program, keys}: Subject): Promise<number> {
	const [key] = keys;
	if (key === undefined) throw new Error('no keys');
	const answer = await call(`http://127.0.0.1:${program.port}`, target.path(key), {
		bearer: bearerOf(target, key),
		body: target.body?.(key, [key]),
	});
	if (answer.status !== target.status) {
		throw new Error(
			`${title}: answered ${answer.status} instead of ${target.status}: ${answer.text}`,
		);
	}
	return Buffer.byteLength(answer.text);
}
