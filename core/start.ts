import {setTimeout as sleep} from 'node:timers/promises';
import type {Knex} from 'knex';
import {ConfigurationError, exitConfiguration} from './config/load.ts';
import {isUnavailable} from './db/connect.ts';
import {schemaState, SchemaError} from './db/migrate.ts';
import {SecretsError} from './instance.ts';
import type {Log} from './log.ts';

/**
 * Waits until the schema is the one of this version, so that the programs can be started in any
 * order. A schema that is newer is used: migrations only ever add before they take away.
 *
 * @throws {SchemaError} when migrations are still missing after `waitMs`
 */
export async function waitForSchema(
	db: Knex,
	directory: string,
	log: Log,
	waitMs = 120_000,
): Promise<void> {
	const deadline = Date.now() + waitMs;
	for (let attempt = 0; ; attempt++) {
		try {
			const {missing, newer} = await schemaState(db, directory);
			if (newer.length > 0) log.warn({newer}, 'the schema is newer than this version');
			if (missing.length === 0) return;
			if (Date.now() > deadline) {
				throw new SchemaError(
					`migrations are missing: ${missing.join(', ')}; run latchkey migrate`,
				);
			}
			if (attempt % 25 === 0) log.info({missing}, 'waiting for migrations');
		} catch (error) {
			if (!isUnavailable(error) || Date.now() > deadline) throw error;
			if (attempt % 25 === 0) log.info({error}, 'waiting for PostgreSQL');
		}
		await sleep(200);
	}
}

/**
 * Runs a program and turns a fault of its start into the message an operator reads and an exit
 * status: 78 for configuration, 1 for everything else.
 */
export async function runProgram(main: () => Promise<void>): Promise<void> {
	try {
		await main();
	} catch (error) {
		if (error instanceof ConfigurationError || error instanceof SecretsError) {
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
