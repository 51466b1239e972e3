import fs from 'node:fs';
import os from 'node:os';
import {Failure} from '../failure.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** An empty variable is one that is not set. */
export function filled(value: string | undefined): string | undefined {
	return value === '' ? undefined : value;
}

export function home(environment: Environment): string {
	const given = filled(environment['HOME']);
	if (given !== undefined) return given;
	try {
		return os.homedir();
	} catch {
		// A user id without an account, as containers have: nothing can be kept there.
		return '/nonexistent';
	}
}

/** A secret that a variable holds, or the file that `<variable>_FILE` names. @throws {Failure} usage */
export function secretIn(variable: string, environment: Environment): string | undefined {
	const file = filled(environment[`${variable}_FILE`]);
	if (file === undefined) return filled(environment[variable]?.trim());
	try {
		return filled(fs.readFileSync(file, 'utf8').trim());
	} catch {
		throw new Failure('usage', `${variable}_FILE: cannot read ${file}`);
	}
}

/** LATCHKEY_READONLY: nothing is changed, whatever the role of whoever is logged in. */
export function isReadOnly(environment: Environment): boolean {
	return ['1', 'true', 'yes'].includes((environment['LATCHKEY_READONLY'] ?? '').toLowerCase());
}
