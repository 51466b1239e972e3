import {createHash} from 'node:crypto';
import {constants} from 'node:fs';
import {access, chmod, lstat, mkdir, readdir, readFile, stat} from 'node:fs/promises';
import path from 'node:path';
import {loadSettings} from '../core/config/load.ts';
import {createLog} from '../core/log.ts';
import {SecretsError} from '../core/secrets/errors.ts';
import {requireLastingSecrets} from '../core/secrets/lasting.ts';
import {createSecrets, missingSecrets, replaceFile, type SecretName} from './secrets.ts';

/** Only our own programs see these. */
const appSecrets = ['encryption_key', 'setup_token', 'instance_id'] as const;
/** PostgreSQL and Redis see these as well. */
const databaseSecrets = ['database_password', 'redis_password'] as const;
/** Of the role that owns the schema: PostgreSQL and `migrate` see this one, server and worker do not. */
const migrationSecrets = ['database_migration_password'] as const;
const aclFile = 'redis.acl';
/**
 * Without the old ones of these the data of an earlier start cannot be used. Passwords are none of
 * them: PostgreSQL and Redis take the ones they find at every start.
 */
const boundToData: readonly SecretName[] = ['encryption_key'];

/** Where the volume of PostgreSQL is shown to us, to look at and no more, and its data in there. */
const databaseVolume = '/run/latchkey/database';
const databaseFolder = 'pgdata';

export type Places = {
	secretsDirectory: string;
	/** The same folder as `secretsDirectory` where nobody else mounts it. */
	databaseSecretsDirectory: string;
	/** The same folder as `databaseSecretsDirectory` where server and worker do not mount that. */
	migrationSecretsDirectory: string;
	/** Volume whose `pgdata` tells that there is data already. It need not exist. */
	databaseVolume: string;
};

/**
 * The first program of the bundle: makes the secrets that are absent, so that nobody has to think
 * of one, and refuses where they would be lost or would not fit the data.
 *
 * @throws {ConfigurationError | SecretsError}
 */
export async function main(): Promise<void> {
	const settings = loadSettings('init', process.env);
	const secretsDirectory = settings.secretsDirectory ?? '';
	const databaseSecretsDirectory = settings.databaseSecretsDirectory ?? secretsDirectory;
	const migrationSecretsDirectory = settings.migrationSecretsDirectory ?? databaseSecretsDirectory;
	const allowEphemeralSecrets = settings.allowEphemeralSecrets ?? false;
	for (const directory of new Set([
		secretsDirectory,
		databaseSecretsDirectory,
		migrationSecretsDirectory,
	])) {
		requireLastingSecrets({secretsDirectory: directory, allowEphemeralSecrets});
	}
	const log = createLog({
		program: 'init',
		logLevel: settings.logLevel ?? 'info',
		keyPrefix: settings.keyPrefix ?? '',
	});
	const created = await prepareSecrets({
		secretsDirectory,
		databaseSecretsDirectory,
		migrationSecretsDirectory,
		databaseVolume,
	});
	log.info({created}, created.length === 0 ? 'every secret is there' : 'secrets were made');
}

/**
 * Makes what is absent; never replaces anything. Running again after a kill at any moment ends well.
 *
 * @returns names of the secrets made now
 * @throws {SecretsError} when there is data of an earlier start but not its secrets, or a folder
 * cannot be used
 */
export async function prepareSecrets(places: Places): Promise<SecretName[]> {
	const {secretsDirectory, databaseSecretsDirectory, migrationSecretsDirectory} = places;
	const directories = [secretsDirectory, databaseSecretsDirectory, migrationSecretsDirectory];
	return explained(directories, async () => {
		// First: a secret in a folder that we may not enter would pass for one that is gone.
		for (const directory of directories) await requireUsable(directory);
		await refuseNewSecretsForOldData(places);
		const {created: forDatabase} = await createSecrets(databaseSecretsDirectory, {
			names: databaseSecrets,
		});
		const {created: forMigrations} = await createSecrets(migrationSecretsDirectory, {
			names: migrationSecrets,
		});
		const {created: forApp} = await createSecrets(secretsDirectory, {names: appSecrets});
		await writeDatabaseFiles(places);
		return [...forDatabase, ...forMigrations, ...forApp];
	});
}

/** @throws the error of the operating system when we may not use the folder or what is in it */
async function requireUsable(directory: string): Promise<void> {
	await mkdir(directory, {recursive: true, mode: 0o700});
	await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
	for (const name of await readdir(directory)) {
		await access(path.join(directory, name), constants.R_OK);
	}
}

async function refuseNewSecretsForOldData(places: Places): Promise<void> {
	const missing = await missingSecrets(places.secretsDirectory, boundToData);
	if (missing.length === 0 || !(await hasDatabase(places.databaseVolume))) return;
	throw new SecretsError(
		`PostgreSQL has data of an earlier start, but ${missing.join(', ')} of that start ${missing.length === 1 ? 'is' : 'are'} gone; new ones would not fit that data. Put the old volume secrets-app back, or restore it from a backup. To begin again WITHOUT the data: docker compose down --volumes. Nothing was changed.`,
	);
}

/** When we may not look, there is something that is not ours: data, to be safe. */
async function hasDatabase(volume: string): Promise<boolean> {
	try {
		await lstat(path.join(volume, databaseFolder));
		return true;
	} catch (error) {
		return codeOf(error) !== 'ENOENT';
	}
}

/**
 * What Redis reads, and who may: PostgreSQL and Redis run as users of their own and get in by our
 * group.
 */
async function writeDatabaseFiles(places: Places): Promise<void> {
	const directory = places.databaseSecretsDirectory;
	const password = (await readFile(path.join(directory, 'redis_password'), 'utf8')).trimEnd();
	await replace(path.join(directory, aclFile), redisAcl(password));
	for (const name of [...databaseSecrets, aclFile]) {
		await chmodWhereNeeded(path.join(directory, name), 0o440);
	}
	for (const name of migrationSecrets) {
		await chmodWhereNeeded(path.join(places.migrationSecretsDirectory, name), 0o440);
	}
}

/**
 * Redis knows the password only as SHA-256. The user may do what BullMQ and we need; not what
 * empties, stops or reconfigures Redis.
 */
function redisAcl(password: string): string {
	const hash = createHash('sha256').update(password).digest('hex');
	return [
		// Off: nobody gets in as this one. But Redis itself reads its append-only file as this one, and
		// without rights would skip whatever scripts and transactions wrote.
		'user default reset off ~* &* +@all',
		`user latchkey reset on #${hash} ~* &* +@all -@dangerous +info +config|get`,
		'',
	].join('\n');
}

async function replace(file: string, text: string): Promise<void> {
	if ((await readFile(file, 'utf8').catch(() => undefined)) === text) return;
	await replaceFile(file, text, 0o440);
}

async function chmodWhereNeeded(file: string, mode: number): Promise<void> {
	if (((await stat(file)).mode & 0o777) !== mode) await chmod(file, mode);
}

/** Turns "permission denied" into who owns what, who we are, and the command that puts it right. */
async function explained<T>(directories: readonly string[], work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		if (!['EACCES', 'EPERM', 'EROFS'].includes(codeOf(error) ?? '')) throw error;
		const owners = await Promise.all([...new Set(directories)].map(describe));
		const who = `${process.getuid?.()}:${process.getgid?.()}`;
		throw new SecretsError(
			`The secrets cannot be written or read (${codeOf(error)}) as user ${who}: ${owners.join('; ')}. Give the volumes to that user: docker compose run --rm --no-deps --user 0 --cap-add CHOWN --cap-add DAC_OVERRIDE --entrypoint chown init -R ${who} ${directories.join(' ')}`,
		);
	}
}

async function describe(directory: string): Promise<string> {
	const found = await stat(directory).catch(() => undefined);
	if (found === undefined) return `${directory} cannot be seen`;
	const names = await readdir(directory).catch(() => []);
	const owners = await Promise.all(
		names.map(async (name) => {
			const {uid} = await lstat(path.join(directory, name));
			return uid === found.uid ? undefined : `${name} to ${uid}`;
		}),
	);
	const others = owners.filter((owner) => owner !== undefined);
	const mode = (found.mode & 0o777).toString(8).padStart(4, '0');
	return `${directory} (mode ${mode}) belongs to ${found.uid}:${found.gid}${others.length === 0 ? '' : `, ${others.join(', ')}`}`;
}

function codeOf(error: unknown): string | undefined {
	return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
