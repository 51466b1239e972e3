import {setTimeout as sleep} from 'node:timers/promises';
import type {Knex} from 'knex';
import {ConfigurationError, exitConfiguration} from './config/load.ts';
import {isAway} from './db/faults.ts';
import {schemaState} from './db/migrate.ts';
import {SchemaError} from './db/schema-error.ts';
import {requireSettings} from './db/session-settings.ts';
import type {Log} from './log.ts';
import {SecretsError} from './secrets/errors.ts';
import {NewerNeeded} from './verification/terms-version.ts';

/**
 * Repeats `work` while PostgreSQL is away: a program that starts waits for it, it does not end.
 *
 * @throws what `work` threw, when that is something else or `waitMs` have passed
 */
export async function whenAvailable<T>(
	work: () => Promise<T>,
	log: Log,
	waitMs = 120_000,
): Promise<T> {
	const deadline = performance.now() + waitMs;
	for (let attempt = 0; ; attempt++) {
		try {
			return await work();
		} catch (error) {
			if (!isAway(error) || performance.now() > deadline) throw error;
			if (attempt % 25 === 0) log.info({error}, 'waiting for PostgreSQL');
		}
		await sleep(200);
	}
}

/**
 * Waits until the schema is the one of this version, so that the programs can be started in any
 * order. A schema that is newer is used: migrations only ever add before they take away.
 *
 * @throws {SchemaError} when migrations are still missing after `waitMs`, and where sessions are not
 * as they must be
 */
export async function waitForSchema(
	db: Knex,
	directory: string,
	log: Log,
	waitMs = 120_000,
): Promise<void> {
	const deadline = performance.now() + waitMs;
	for (let attempt = 0; ; attempt++) {
		const state = await whenAvailable(
			() => schemaState(db, directory),
			log,
			deadline - performance.now(),
		);
		if (state.missing.length === 0) {
			await whenAvailable(() => requireSettings(db), log, deadline - performance.now());
			if (state.newer.length > 0) {
				log.warn({newer: state.newer}, 'the schema is newer than this version');
			}
			return;
		}
		if (performance.now() > deadline) {
			throw new SchemaError(
				`migrations are missing: ${state.missing.join(', ')}; run latchkey migrate`,
			);
		}
		if (attempt % 25 === 0) log.info({missing: state.missing}, 'waiting for migrations');
		await sleep(200);
	}
}

/** What tells a program to stop; SIGHUP is the end of the terminal that it was started from. */
export const stopSignals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * Runs a program and turns a fault of its start into the message an operator reads and an exit
 * status: 78 for configuration and for a version that is too old, 1 for everything else.
 *
 * Until `main` has set its own handlers, these signals end the process: the first process of a
 * container would ignore them.
 */
export async function runProgram(main: () => Promise<void>): Promise<void> {
	const end = (_signal: NodeJS.Signals, number: number) => process.exit(128 + number);
	// What is said there may go to a disk that is full: the exit status says it as well.
	process.stderr.on('error', () => {});
	for (const signal of stopSignals) process.on(signal, end);
	try {
		await main();
		for (const signal of stopSignals) process.off(signal, end);
	} catch (error) {
		if (
			error instanceof ConfigurationError ||
			error instanceof SecretsError ||
			error instanceof NewerNeeded
		) {
			process.stderr.write(`${error.message}\n`);
			process.exitCode = exitConfiguration;
		} else if (error instanceof SchemaError) {
			process.stderr.write(`${error.message}\n`);
			process.exitCode = 1;
		} else {
			const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
			const isForeign = error instanceof Error && 'severity' in error;
			const message = error instanceof Error && !isForeign ? error.message : 'PostgreSQL refused';
			process.stderr.write(`latchkey could not start: ${message}${code}\n`);
			process.exitCode = 1;
		}
		// Open handles of a half-started program must not keep it alive.
		setTimeout(() => process.exit(), 100).unref();
	}
}
