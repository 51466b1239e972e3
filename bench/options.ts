import path from 'node:path';
import {parseArgs} from 'node:util';
import {scenarios} from './scenarios/all.ts';
import {baseline, targets} from './targets.ts';

/** How large the scenarios are. */
export type Sizes = {
	/** Rounds of the tables by keys and by processes. */
	rounds: number;
	keyCounts: readonly number[];
	/** Presented to the servers of one and two processes. */
	processKeys: number;
	/** Revoked in each phase of the barrier. */
	revocations: number;
	/** After this a phase of the barrier ends, with fewer keys revoked. */
	phaseSeconds: number;
	coldKeys: number;
	stormKeys: number;
	stormConnections: number;
	lastUsedKeys: number;
	/** Until PostgreSQL has counted all statements of an idle session, which it does after ten. */
	idleSeconds: number;
	/** Rows that the table is filled up with in `million`, and calls of each kind. */
	bulkKeys: number;
	/** Entries of the audit trail that `audit` fills one chain with. */
	auditEntries: number;
	samples: number;
	/** Refused logins of each kind. */
	logins: number;
	/** At once, while keys are verified this often in a second. */
	parallelLogins: number;
	loginLoad: number;
	/** Of each rate of events, and events of the backlog. */
	webhookSeconds: number;
	webhookBacklog: number;
	/** Keys of the organisations that the console shows; how often it is started, and keys pressed. */
	consoleKeys: readonly number[];
	consoleStarts: number;
	consolePresses: number;
	consoleIdleSeconds: number;
};

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
	/** Names of the scenarios to run. */
	scenarios: readonly string[];
	/** Names of the targets that `throughput` measures. */
	targets: readonly string[];
	sizes: Sizes;
	/** File of the result. */
	output: string;
	/** Folder for a CPU profile of the server. */
	profile: string | undefined;
};

/** The command line cannot be understood; the message says what is wrong with it. */
export class UsageError extends Error {}

const full = {rounds: 3, seconds: 2, warmup: 0.7, keys: 10_000, connections: 64};
const fullSizes: Sizes = {
	rounds: 2,
	keyCounts: [1000, 10_000, 100_000],
	processKeys: 1000,
	revocations: 300,
	phaseSeconds: 20,
	coldKeys: 100_000,
	stormKeys: 10_000,
	stormConnections: 1000,
	lastUsedKeys: 10_000,
	idleSeconds: 10.5,
	bulkKeys: 1_000_000,
	auditEntries: 1_000_000,
	samples: 300,
	logins: 200,
	parallelLogins: 50,
	loginLoad: 400,
	webhookSeconds: 15,
	webhookBacklog: 300,
	consoleKeys: [10_000, 100_000],
	consoleStarts: 7,
	consolePresses: 300,
	consoleIdleSeconds: 30,
};
const quick = {rounds: 2, seconds: 0.3, warmup: 0.1, keys: 200, connections: 8};
const quickSizes: Sizes = {
	rounds: 1,
	keyCounts: [50, 200],
	processKeys: 50,
	revocations: 5,
	phaseSeconds: 60,
	coldKeys: 300,
	stormKeys: 300,
	stormConnections: 100,
	lastUsedKeys: 200,
	idleSeconds: 0.1,
	bulkKeys: 2000,
	auditEntries: 2000,
	samples: 10,
	logins: 5,
	parallelLogins: 5,
	loginLoad: 100,
	webhookSeconds: 1,
	webhookBacklog: 5,
	consoleKeys: [50, 300],
	consoleStarts: 1,
	consolePresses: 10,
	consoleIdleSeconds: 0.5,
};

export const usage = `npm run bench -- [options]

  --rounds N        how often each target is measured, in turn (${full.rounds})
  --seconds S       length of one measurement (${full.seconds})
  --warmup S        load before it that is not counted (${full.warmup})
  --keys N          API keys, presented at random (${full.keys})
  --connections N   connections with one request in flight each (${full.connections})
  --only NAME       this alone; may be given again. Of the requests beside bare Koa:
                    ${targets.map(({name}) => name).join(', ')}
${scenarios.map(({name, title, isLong}) => `                    ${name.padEnd(15)} ${title}${isLong ? ' (only when asked for)' : ''}`).join('\n')}
  --million         one million keys, besides the others
  --revocations N   in each phase of the barrier, however long it takes
                    (${fullSizes.revocations}, or as many as ${fullSizes.phaseSeconds} s allow)
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
	const sizes = values.quick ? quickSizes : fullSizes;
	return {
		rounds: integer('rounds', values.rounds ?? defaults.rounds),
		seconds: positive('seconds', values.seconds ?? defaults.seconds),
		warmupSeconds: positive('warmup', values.warmup ?? defaults.warmup),
		keys: integer('keys', values.keys ?? defaults.keys),
		connections: integer('connections', values.connections ?? defaults.connections),
		...chosen(values.only, values.million === true),
		sizes: {
			...sizes,
			...(values.revocations === undefined
				? {}
				: {
						revocations: integer('revocations', values.revocations),
						phaseSeconds: Number.MAX_SAFE_INTEGER,
					}),
		},
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
				million: {type: 'boolean'},
				revocations: {type: 'string'},
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

/** A target that is named is one of `throughput`, measured beside bare Koa. */
function chosen(
	names: readonly string[] | undefined,
	withLong: boolean,
): Pick<Options, 'scenarios' | 'targets'> {
	const allTargets = targets.map(({name}) => name);
	const allScenarios = scenarios.map(({name}) => name);
	const unknown = names?.find((name) => ![...allTargets, ...allScenarios].includes(name));
	if (unknown !== undefined) {
		throw new UsageError(`--only: no target and no scenario is called ${unknown}`);
	}
	const long = scenarios.filter(({isLong}) => withLong && isLong).map(({name}) => name);
	if (names === undefined) {
		const short = scenarios.filter(({isLong}) => !isLong).map(({name}) => name);
		return {scenarios: [...short, ...long], targets: allTargets};
	}
	const chosenTargets = targets.filter(({name}) => names.includes(name));
	const likenesses = chosenTargets.flatMap(({likeness}) => likeness ?? []);
	return {
		scenarios: [
			...names.filter((name) => allScenarios.includes(name)),
			...(chosenTargets.length > 0 ? ['throughput'] : []),
			...long,
		],
		targets:
			chosenTargets.length > 0
				? [baseline, ...likenesses, ...chosenTargets.map(({name}) => name)]
				: allTargets,
	};
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
