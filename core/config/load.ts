import {isUtf8} from 'node:buffer';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {foreignVariables} from './foreign-variables.ts';
import {RefusedValue} from './parse.ts';
import type {Rule} from './rules.ts';
import type {Program, Setting} from './setting.ts';
import {settings, type SettingName, type Settings} from './settings.ts';

/** Exit status of a program whose configuration is wrong (EX_CONFIG of sysexits.h). */
export const exitConfiguration = 78;

/** Longer values are told by their length: an error is to be read. */
const mostShown = 200;

/** Every fault of the environment at once; the message is the report an operator reads. */
export class ConfigurationError extends Error {
	readonly faults: readonly string[];

	constructor(faults: readonly string[]) {
		const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
		super(
			`Configuration: ${count}, nothing was started\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
		);
		this.name = 'ConfigurationError';
		this.faults = faults;
	}
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings of a program. The only reader of the environment.
 *
 * @throws {ConfigurationError} naming every fault: unknown names, both a variable and its `_FILE`,
 * unreadable or empty files, values out of range, required values missing, rules not held.
 */
export function loadSettings(
	program: Program,
	environment: Environment,
	rules: readonly Rule[] = [],
): Settings {
	const {values, faults} = inspectSettings(program, environment, rules);
	if (faults.length > 0) throw new ConfigurationError(faults);
	return values;
}

/** The same with its faults: what was refused, or is missing, has no value. */
export function inspectSettings(
	program: Program,
	environment: Environment,
	rules: readonly Rule[] = [],
): {values: Settings; faults: readonly string[]} {
	const faults = unknownNames(environment);
	const read = reader(environment, faults);
	const directories = secretsDirectories(read);
	const given = new Set<SettingName>();
	const values: Record<string, unknown> = {given};
	for (const [name, setting] of Object.entries(settings) as [SettingName, Setting<unknown>][]) {
		if (!setting.programs.includes(program)) continue;
		values[name] = read(setting, directories);
		if (environment[setting.variable] || environment[`${setting.variable}_FILE`]) given.add(name);
	}
	// A value that was refused is given all the same: one mistake is one fault.
	const isGiven = (name: SettingName) =>
		values[name] !== undefined ||
		faults.some(
			(fault) => /^\w+/.exec(fault)?.[0].replace(/_FILE$/, '') === settings[name].variable,
		);
	faults.push(
		...rules
			.map((rule) => rule(isGiven, values as Settings))
			.filter((fault) => fault !== undefined),
	);
	// The folders of secrets are read twice.
	return {values: values as Settings, faults: [...new Set(faults)]};
}

/** Reads one setting again. @throws {ConfigurationError} */
export function loadSetting<N extends SettingName>(name: N, environment: Environment): Settings[N] {
	const faults: string[] = [];
	const read = reader(environment, faults);
	const value = read(settings[name] as Setting<unknown>, secretsDirectories(read));
	if (faults.length > 0) throw new ConfigurationError([...new Set(faults)]);
	return value as Settings[N];
}

type Read = <T>(setting: Setting<T>, secretsDirectories?: readonly string[]) => T | undefined;

function secretsDirectories(read: Read): string[] {
	return [
		settings.redisSecretsDirectory,
		settings.databaseSecretsDirectory,
		settings.secretsDirectory,
	]
		.map((setting) => read(setting))
		.filter((directory) => directory !== undefined);
}

function reader(environment: Environment, faults: string[]): Read {
	return <T>(setting: Setting<T>, secretsDirectories: readonly string[] = []): T | undefined => {
		const before = faults.length;
		const direct = environment[setting.variable] || undefined;
		const given =
			fromEnvironment(setting.variable, environment, faults) ??
			fromSecrets(setting, secretsDirectories, faults);
		if (faults.length > before) return undefined;
		const value = given ?? setting.default;
		if (value === undefined) {
			if (setting.required !== undefined) {
				faults.push(`${setting.variable}: missing; ${setting.required}`);
			}
			return undefined;
		}
		try {
			return setting.parse(value);
		} catch (error) {
			if (!(error instanceof RefusedValue)) throw error;
			// A file may be the wrong one, and hold anything.
			const isShown = !setting.secret && value === direct && value.length <= mostShown;
			const shown = isShown ? JSON.stringify(value) : `${value.length} characters`;
			const found = error.faults ?? [`given ${shown}; expected ${error.message}`];
			faults.push(...found.map((fault) => `${setting.variable}: ${fault}`));
			return undefined;
		}
	};
}

/** An empty variable counts as unset: Compose passes `${NAME:-}` through as an empty string. */
function fromEnvironment(
	variable: string,
	environment: Environment,
	faults: string[],
): string | undefined {
	const direct = environment[variable] || undefined;
	const file = environment[`${variable}_FILE`] || undefined;
	if (direct !== undefined && file !== undefined) {
		faults.push(`${variable}: given twice, also as ${variable}_FILE; remove one of the two`);
		return undefined;
	}
	if (file !== undefined) return readValue(file, `${variable}_FILE`, faults);
	if (direct?.startsWith(byteOrderMark)) {
		faults.push(`${variable}: begins with a byte order mark (BOM); leave that out`);
		return undefined;
	}
	return direct;
}

function fromSecrets(
	setting: Setting<unknown>,
	directories: readonly string[],
	faults: string[],
): string | undefined {
	if (setting.secretFile === undefined) return undefined;
	for (const directory of directories) {
		const path = join(directory, setting.secretFile);
		try {
			return textOf(readFileSync(path));
		} catch (error) {
			if (isAbsent(error)) continue;
			const fault = error instanceof NoText ? `the file ${path} ${error.message}` : undefined;
			faults.push(`${setting.variable}: ${fault ?? `cannot read ${path} (${reason(error)})`}`);
			return undefined;
		}
	}
	return undefined;
}

function readValue(path: string, variable: string, faults: string[]): string | undefined {
	try {
		const value = textOf(readFileSync(path));
		if (value !== '') return value;
		faults.push(`${variable}: the file ${path} is empty`);
	} catch (error) {
		if (error instanceof NoText) {
			faults.push(`${variable}: the file ${path} ${error.message}`);
			return undefined;
		}
		const who = process.getuid?.();
		faults.push(
			`${variable}: cannot read ${path} (${reason(error)}); it must be readable for uid ${who ?? 'of this process'}`,
		);
	}
	return undefined;
}

const byteOrderMark = '\uFEFF';

/** What is wrong with the bytes of a file. */
class NoText extends Error {}

/**
 * A file's text without the newline at its end. Editors and shells of Windows write marks and
 * encodings that nobody sees, and that make another password of a password.
 *
 * @throws {NoText}
 */
function textOf(bytes: Buffer): string {
	const [first, second] = bytes;
	if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
		throw new NoText('is in UTF-16; save it as UTF-8 without a byte order mark');
	}
	if (!isUtf8(bytes)) {
		throw new NoText(
			'is not text in UTF-8; certificates and keys are read as PEM, not DER or PKCS #12',
		);
	}
	const text = bytes.toString('utf8');
	if (text.startsWith(byteOrderMark)) {
		throw new NoText('begins with a byte order mark (BOM); save it as UTF-8 without one');
	}
	return text.replace(/\r?\n$/, '');
}

function isAbsent(error: unknown): boolean {
	return (
		error instanceof Error &&
		'code' in error &&
		(error.code === 'ENOENT' || error.code === 'ENOTDIR')
	);
}

function reason(error: unknown): string {
	return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
}

function unknownNames(environment: Environment): string[] {
	const known = [
		...Object.values(settings).map((setting) => setting.variable),
		...foreignVariables.map((foreign) => foreign.variable),
	].flatMap((variable) => [variable, `${variable}_FILE`]);
	return Object.keys(environment)
		.filter((name) => name.startsWith('LATCHKEY_') && !known.includes(name))
		.map((name) => `${name}: no such setting; the nearest is ${nearest(name, known)}`);
}

function nearest(name: string, candidates: readonly string[]): string {
	let best = '';
	let least = Number.POSITIVE_INFINITY;
	for (const candidate of candidates) {
		const distance = editDistance(name, candidate);
		if (distance < least) {
			least = distance;
			best = candidate;
		}
	}
	return best;
}

/** Levenshtein distance, one row at a time. */
function editDistance(from: string, to: string): number {
	let row = Array.from({length: to.length + 1}, (_, index) => index);
	for (let i = 1; i <= from.length; i++) {
		const next = [i];
		for (let j = 1; j <= to.length; j++) {
			const cost = from[i - 1] === to[j - 1] ? 0 : 1;
			next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + cost);
		}
		row = next;
	}
	return row[to.length] ?? 0;
}
