import {stat} from 'node:fs/promises';
import path from 'node:path';
import {parseArgs, type ParseArgsOptionsConfig} from 'node:util';
import {
	loadBackupConfig,
	masterKeyFile,
	readMasterKeys,
	type BackupConfig,
} from '../../core/config/config.ts';
import {ConfigurationError} from '../../core/config/load.ts';
import {createLog} from '../../core/log.ts';
import {exists} from '../exists.ts';
import {readArchive} from './archive-reader.ts';
import type {Encryption} from './archive-writer.ts';
import {makeBackup} from './backup.ts';
import {drill} from './drill.ts';
import {BackupError, UsageError} from './errors.ts';
import {openerOf, readSecret} from './opener.ts';
import {choosePlace, listBackups} from './place.ts';
import {sayBackup, sayDrill, sayRestore} from './report.ts';
import {restore} from './restore.ts';
import {masterKeysIn, readSecretFiles} from './secret-files.ts';
import {backupUsage, drillUsage, restoreUsage} from './usage.ts';

const exitFailed = 1;
const exitUsage = 2;

export type Command = 'backup' | 'restore' | 'drill';

const usages: Record<Command, string> = {
	backup: backupUsage,
	restore: restoreUsage,
	drill: drillUsage,
};

const opening = {
	'passphrase-file': {type: 'string'},
	identity: {type: 'string'},
	'known-key-file': {type: 'string'},
	json: {type: 'boolean'},
	help: {type: 'boolean', short: 'h'},
} as const;

const options = {
	backup: {
		to: {type: 'string'},
		keep: {type: 'string'},
		'keep-days': {type: 'string'},
		recipient: {type: 'string'},
		'passphrase-file': {type: 'string'},
		'without-secrets': {type: 'boolean'},
		json: {type: 'boolean'},
		help: {type: 'boolean', short: 'h'},
	},
	restore: {
		...opening,
		'send-missed-webhooks': {type: 'boolean'},
		'check-only': {type: 'boolean'},
	},
	drill: {...opening, from: {type: 'string'}},
} as const satisfies Record<Command, ParseArgsOptionsConfig>;

/** Where a command writes: the process itself, or in its place. */
type Output = Record<'stdout' | 'stderr', {write: (text: string) => unknown}>;

type Values = Partial<Record<string, string | boolean>>;

type Context = {
	values: Values;
	positionals: readonly string[];
	environment: NodeJS.ProcessEnv;
	migrations: string;
	/** To people; the outcome as JSON goes to standard output alone. */
	say: (text: string) => void;
};

/**
 * `latchkey backup`, `restore` and `drill`.
 *
 * @param migrations folder of the numbered .sql files
 * @returns the exit status
 * @throws {ConfigurationError | SecretsError | SchemaError}
 */
export async function main(
	command: Command,
	args: readonly string[],
	environment: NodeJS.ProcessEnv,
	migrations: string,
	{stdout, stderr}: Output = process,
): Promise<number> {
	try {
		const {values, positionals} = parse(command, args);
		if (values['help'] === true) {
			stdout.write(usages[command]);
			return 0;
		}
		const isJson = values['json'] === true;
		const stream = isJson ? stderr : stdout;
		const say = (text: string) => void stream.write(`${text}\n`);
		const outcome = await commands[command]({values, positionals, environment, migrations, say});
		if (isJson) stdout.write(`${JSON.stringify(outcome)}\n`);
		return 0;
	} catch (error) {
		if (error instanceof UsageError) {
			stderr.write(`${error.message}\n\n${usages[command]}`);
			return exitUsage;
		}
		if (!(error instanceof BackupError)) throw error;
		stderr.write(`${error.message}\n`);
		return exitFailed;
	}
}

const commands: Record<Command, (context: Context) => Promise<object>> = {
	backup: runBackup,
	restore: runRestore,
	drill: runDrill,
};

function parse(command: Command, args: readonly string[]) {
	try {
		const parsed = parseArgs({
			args: [...args],
			options: options[command],
			allowPositionals: command === 'restore',
		});
		return {values: parsed.values as Values, positionals: parsed.positionals};
	} catch (error) {
		throw new UsageError(error instanceof Error ? error.message : 'wrong use');
	}
}

async function runBackup({values, environment, say}: Context): Promise<object> {
	const config = loadBackupConfig(environment);
	const to = text(values, 'to') ?? config.backupDirectory;
	if (to === undefined) throw new UsageError('Where to? Give --to or LATCHKEY_BACKUP_DIR.');
	const retention = {count: count(values, 'keep'), days: count(values, 'keep-days')};
	const place = await choosePlace(to);
	if (place.name !== undefined && (retention.count ?? retention.days) !== undefined) {
		throw new UsageError('--keep and --keep-days need a folder.');
	}
	const encryption = await chooseEncryption(values, config);
	const read = () => readMasterKeys(environment);
	const hasSecrets = values['without-secrets'] !== true;
	const made = await makeBackup({
		config,
		readMasterKeys: read,
		secrets: hasSecrets ? await readSecretFiles(config.secretsDirectory, read()) : new Map(),
		place,
		retention,
		encryption,
	});
	sayBackup(made, say);
	return made;
}

async function chooseEncryption(
	values: Values,
	config: BackupConfig,
): Promise<Encryption | undefined> {
	const recipient = text(values, 'recipient');
	const file = text(values, 'passphrase-file');
	if (recipient !== undefined && file !== undefined) {
		throw new UsageError('Give --recipient or --passphrase-file, not both.');
	}
	if (file !== undefined) {
		const passphrase = await readSecret(file, '--passphrase-file');
		if (passphrase.length < 12) {
			throw new UsageError('--passphrase-file: a passphrase has 12 characters or more.');
		}
		return {passphrase};
	}
	if (recipient !== undefined) {
		if (!/^age1[a-z0-9]{20,}$/.test(recipient)) {
			throw new UsageError('--recipient: not a recipient of age (age1…).');
		}
		return {recipient};
	}
	if (config.recipient !== undefined) return {recipient: config.recipient};
	return config.passphrase === undefined ? undefined : {passphrase: config.passphrase};
}

async function runRestore(context: Context): Promise<object> {
	const {values, positionals, environment, say} = context;
	const [given] = positionals;
	if (given === undefined || positionals.length > 1) throw new UsageError('Which file? Name one.');
	const folder = environment['LATCHKEY_BACKUP_DIR'];
	const isBare = !given.includes('/') && folder !== undefined && !(await exists(given));
	const file = path.resolve(isBare ? path.join(folder, given) : given);
	const opener = await openerOf(openings(values, environment));
	const knownKey = await knownKeyOf(values);
	say(`${file} is read …`);
	const archive = await readArchive(file, opener);
	const own = ownMasterKeys(environment);
	// A machine without a master key takes that of the backup.
	const masterKeys = own ?? masterKeysIn(archive);
	const config = loadBackupConfig(
		own !== undefined || masterKeys.length === 0
			? environment
			: {
					...environment,
					LATCHKEY_ENCRYPTION_KEY: masterKeys.map((key) => key.toString('base64url')).join('\n'),
				},
	);
	const secretsFolder =
		masterKeyFile(environment) === undefined ? undefined : config.secretsDirectory;
	const checksOnly = values['check-only'] === true;
	const restored = await restore({
		config,
		archive,
		masterKeys: own,
		secretsFolder,
		migrations: context.migrations,
		sendsMissedWebhooks: values['send-missed-webhooks'] === true,
		checksOnly,
		knownKey,
		log: quietLog(config),
		say,
	});
	return sayRestore(archive, restored, values['send-missed-webhooks'] === true, say);
}

async function runDrill(context: Context): Promise<object> {
	const {values, environment, say} = context;
	const config = loadBackupConfig(environment);
	const from = text(values, 'from') ?? config.backupDirectory;
	if (from === undefined)
		throw new UsageError('Of which folder? Give --from or LATCHKEY_BACKUP_DIR.');
	const outcome = await drill({
		config,
		choose: () => newestIn(path.resolve(from)),
		opener: await openerOf(openings(values, environment, config)),
		masterKeys: readMasterKeys(environment),
		migrations: context.migrations,
		knownKey: await knownKeyOf(values),
		log: quietLog(config),
		say,
	});
	sayDrill(outcome, say);
	return outcome;
}

async function newestIn(place: string): Promise<string> {
	const found = await stat(place).catch(() => undefined);
	if (found?.isFile() === true) return place;
	const [newest] = await listBackups(place);
	if (newest === undefined) throw new BackupError(`There is no backup in ${place}.`);
	return newest.file;
}

function openings(values: Values, environment: NodeJS.ProcessEnv, config?: BackupConfig) {
	return {
		passphraseFile: text(values, 'passphrase-file'),
		identityFile: text(values, 'identity'),
		passphrase:
			config === undefined
				? environment['LATCHKEY_BACKUP_PASSPHRASE'] || undefined
				: config.passphrase,
	};
}

/** @returns undefined where this machine has none */
function ownMasterKeys(environment: NodeJS.ProcessEnv): readonly Buffer[] | undefined {
	try {
		return readMasterKeys(environment);
	} catch (error) {
		if (error instanceof ConfigurationError) return undefined;
		throw error;
	}
}

async function knownKeyOf(values: Values): Promise<string | undefined> {
	const file = text(values, 'known-key-file');
	return file === undefined ? undefined : readSecret(file, '--known-key-file');
}

/** Of the programs that take part only what went wrong is of interest. */
function quietLog({keyPrefix}: BackupConfig) {
	return createLog({program: 'backup', logLevel: 'error', keyPrefix});
}

function text(values: Values, name: string): string | undefined {
	const value = values[name];
	return typeof value === 'string' ? value : undefined;
}

function count(values: Values, name: string): number | undefined {
	const given = text(values, name);
	if (given === undefined) return undefined;
	if (!/^[1-9]\d{0,5}$/.test(given)) throw new UsageError(`--${name}: a number from 1 on`);
	return Number(given);
}
