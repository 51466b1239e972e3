import path from 'node:path';
import {parseArgs} from 'node:util';
import {full, fullSizes, quick, quickSizes, type Options} from './options.ts';
import {scenarios} from './scenarios/all.ts';
import {throughput} from './scenarios/throughput.ts';
import {baseline, targets} from './targets.ts';

/** The command line cannot be understood; the message says what is wrong with it. */
export class UsageError extends Error {}

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
  --compare REF     measures the requests beside bare Koa with the version of a commit, branch or tag, too, in
                    turn, and tells the ratio of this one to it; nothing else, unless --only names it besides
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
		...chosen(values),
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
		compare: values.compare,
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
				compare: {type: 'string'},
				profile: {type: 'string'},
				help: {type: 'boolean', short: 'h'},
			},
		}).values;
	} catch (error) {
		throw new UsageError(error instanceof Error ? error.message : String(error));
	}
}

/** A target that is named is one of `throughput`, measured beside bare Koa. */
function chosen({
	only: names,
	million: withLong,
	compare,
}: ReturnType<typeof parse>): Pick<Options, 'scenarios' | 'targets'> {
	const allTargets = targets.map(({name}) => name);
	const allScenarios = scenarios.map(({name}) => name);
	const unknown = names?.find((name) => ![...allTargets, ...allScenarios].includes(name));
	if (unknown !== undefined) {
		throw new UsageError(`--only: no target and no scenario is called ${unknown}`);
	}
	const long = scenarios.filter(({isLong}) => withLong && isLong).map(({name}) => name);
	if (names === undefined && compare !== undefined) {
		return {scenarios: [throughput.name, ...long], targets: allTargets};
	}
	if (names === undefined) {
		const short = scenarios.filter(({isLong}) => !isLong).map(({name}) => name);
		return {scenarios: [...short, ...long], targets: allTargets};
	}
	const chosenTargets = targets.filter(({name}) => names.includes(name));
	if (compare !== undefined && chosenTargets.length === 0 && !names.includes(throughput.name)) {
		throw new UsageError(
			'--compare: two versions are compared by requests beside bare Koa, and --only names none of them',
		);
	}
	const likenesses = chosenTargets.flatMap(({likeness}) => likeness ?? []);
	return {
		scenarios: [
			...names.filter((name) => allScenarios.includes(name)),
			...(chosenTargets.length > 0 ? [throughput.name] : []),
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
