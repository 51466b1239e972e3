import {readFile} from 'node:fs/promises';
import {text} from 'node:stream/consumers';
import {parseArgs} from 'node:util';
import type {CheckLevel} from '../../contract/diagnosis.ts';
import type {Environment} from '../../core/config/load.ts';
import {allHealthChecks, chooseChecks} from '../../core/doctor/checks.ts';
import {examine} from '../../core/doctor/examine.ts';
import {parseBundleFacts, type BundleFacts} from '../../core/doctor/facts/bundle.ts';
import {atMachine} from '../../core/doctor/patient.ts';
import {messageOf} from '../backup/errors.ts';
import {reportOf} from './report.ts';

const usage = `Usage: latchkey doctor [OPTIONS]

Looks at configuration, secrets, PostgreSQL, Redis, servers, workers, backups and
certificates, and says of whatever is wrong what follows and what to do. It changes
nothing and takes at most 15 seconds, whatever is away; before the first start and
without PostgreSQL it looks at what there is.

  --json          the same as JSON
  --only ID,…     these checks, or groups of them, alone: postgresql,redis.memory
  --online        also ask others: identity providers
  --bundle FILE   what Docker knows of the bundle, as deploy/compose/doctor tells it; - reads it
                  from standard input
  --list          the ids of all checks

Exit status: 0 nothing is wrong, 1 warnings or something that could not be looked at,
2 failures, or wrong use. docs/doctor.md says what each check looks at.
`;

const options = {
	json: {type: 'boolean'},
	only: {type: 'string', multiple: true},
	online: {type: 'boolean'},
	bundle: {type: 'string'},
	list: {type: 'boolean'},
	help: {type: 'boolean', short: 'h'},
} as const;

const exitUsage = 2;

const exitOf: Readonly<Record<CheckLevel, number>> = {ok: 0, unknown: 1, warning: 1, failure: 2};

type Output = {
	stdout: {write: (text: string) => unknown; isTTY?: boolean; columns?: number};
	stderr: {write: (text: string) => unknown};
};

/**
 * `latchkey doctor`: says what is wrong with the appliance.
 *
 * @returns the exit status
 */
export async function main(
	args: readonly string[],
	environment: Environment,
	{stdout, stderr}: Output = process,
): Promise<number> {
	const wanted = parse(args);
	if (typeof wanted === 'string') {
		stderr.write(`latchkey doctor: ${wanted}\n\n${usage}`);
		return exitUsage;
	}
	if (wanted.help === true) {
		stdout.write(usage);
		return 0;
	}
	if (wanted.list === true) {
		stdout.write(allHealthChecks.map(({id, title}) => `${id.padEnd(28)} ${title}\n`).join(''));
		return 0;
	}
	let bundle: BundleFacts | undefined;
	try {
		if (wanted.bundle !== undefined) bundle = parseBundleFacts(await read(wanted.bundle));
	} catch (error) {
		stderr.write(`latchkey doctor: ${messageOf(error)}\n`);
		return exitUsage;
	}
	const {patient, close} = atMachine(environment, {isOnline: wanted.online === true, bundle});
	try {
		const diagnosis = await examine(patient, wanted.checks);
		if (wanted.json === true) stdout.write(`${JSON.stringify(diagnosis, undefined, '\t')}\n`);
		else {
			const isColoured = stdout.isTTY === true && !environment['NO_COLOR'];
			stdout.write(reportOf(diagnosis, {isColoured, columns: stdout.columns ?? 100}));
		}
		return exitOf[diagnosis.level];
	} finally {
		// A connection that hangs must not keep it: the caller ends.
		void close().catch(() => {});
	}
}

function read(file: string): Promise<string> {
	return file === '-' ? text(process.stdin) : readFile(file, 'utf8');
}

/** @returns what is wrong with the words that it was called by */
function parse(args: readonly string[]) {
	let values;
	try {
		({values} = parseArgs({args: [...args], options}));
	} catch (error) {
		return error instanceof Error ? error.message : 'wrong use';
	}
	const names = (values.only ?? []).flatMap((each) => each.split(',')).filter(Boolean);
	if (values.only !== undefined && names.length === 0) return '--only names no check';
	const checks = names.length === 0 ? allHealthChecks : chooseChecks(names);
	if (typeof checks === 'string') return `there is no check ${checks}; --list names them`;
	return {...values, checks};
}
