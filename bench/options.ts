import path from 'node:path';
import {parseArgs} from 'node:util';
import {baseline, targets} from './targets.ts';

export type Options = {
	/** How often each target is measured; the figures are medians over these. */
	rounds: number;
	/** Length of one measurement. */
	seconds: number;
	/** Load before each measurement that is not counted. */
	warmupSeconds: number;
	/** API keys in PostgreSQL, each as likely to be presented as any other. */
	keys: number;
	/** Keep-alive connections of the load, each with one request in flight. */
	connections: number;
	/** Names of the targets to measure. */
	only: readonly string[];
	/** File of the result. */
	output: string;
	/** Folder for a CPU profile of the server. */
	profile: string | undefined;
};

/** The command line cannot be understood; the message says what is wrong with it. */
export class UsageError extends Error {}

const full = {rounds: 5, seconds: 4, warmup: 1, keys: 10_000, connections: 64};
const quick = {rounds: 2, seconds: 0.4, warmup: 0.2, keys: 200, connections: 8};

export const usage = `npm run bench -- [options]

  --rounds N        how often each target is measured, in turn (${full.rounds})
  --seconds S       length of one measurement (${full.seconds})
  --warmup S        load before it that is not counted (${full.warmup})
  --keys N          API keys, presented at random (${full.keys})
  --connections N   connections with one request in flight each (${full.connections})
  --only NAME       this target beside bare Koa; may be given again:
                    ${targets.map(({name}) => name).join(', ')}
  --quick           a smoke test of a few seconds; its figures mean nothing
  --output FILE     where the result goes (bench/result.json)
  --profile FOLDER  writes a CPU profile of the server there (it costs some speed)`;

/**
 * @param defaultOutput file of the result unless the command line names one
 * @returns undefined when the usage is asked for
 * @throws {UsageError}
 */
export function readOptions(args: readonly string[], defaultOutput: string): Options | undefined {
	const values = parse(args);
	if (values.help) return undefined;
	const defaults = values.quick ? quick : full;
	return {
		rounds: integer('rounds', values.rounds ?? defaults.rounds),
		seconds: positive('seconds', values.seconds ?? defaults.seconds),
		warmupSeconds: positive('warmup', values.warmup ?? defaults.warmup),
		keys: integer('keys', values.keys ?? defaults.keys),
		connections: integer('connections', values.connections ?? defaults.connections),
		only: chosen(values.only),
		output: path.resolve(values.output ?? defaultOutput),
		profile: values.profile === undefined ? undefined : path.resolve(values.profile),
	};
}

function parse(args: readonly string[]) {
	try {
		return parseArgs({
			args: [...args],
			options: {
				rounds: {type: 'string'},
				seconds: {type: 'string'},
				warmup: {type: 'string'},
				keys: {type: 'string'},
				connections: {type: 'string'},
				only: {type: 'string', multiple: true},
				quick: {type: 'boolean'},
				output: {type: 'string'},
				profile: {type: 'string'},
				help: {type: 'boolean', short: 'h'},
			},
		}).values;
	} catch (error) {
		throw new UsageError(error instanceof Error ? error.message : String(error));
	}
}

function chosen(names: readonly string[] | undefined): readonly string[] {
	const known = targets.map(({name}) => name);
	const unknown = names?.find((name) => !known.includes(name));
	if (unknown !== undefined) throw new UsageError(`--only: no target is called ${unknown}`);
	return names === undefined ? known : [baseline, ...names];
}

function integer(name: string, value: string | number): number {
	const number = positive(name, value);
	if (!Number.isSafeInteger(number)) throw new UsageError(`--${name}: expected a whole number`);
	return number;
}

function positive(name: string, value: string | number): number {
	const number = Number(value);
	if (!(number > 0 && number < Infinity)) {
		throw new UsageError(`--${name}: expected a number above 0, given ${value}`);
	}
	return number;
}
