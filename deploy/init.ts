import {createHash} from 'node:crypto';
import {constants} from 'node:fs';
import {access, chmod, lstat, mkdir, readdir, readFile, rm, stat} from 'node:fs/promises';
import path from 'node:path';
import {parseArgs} from 'node:util';
import {loadSettings} from '../core/config/load.ts';
import {createLog} from '../core/log.ts';
import {SecretsError} from '../core/secrets/errors.ts';
import {requireLastingSecrets} from '../core/secrets/lasting.ts';
import {createKubernetesSecret, findKubernetes} from './kubernetes-secret.ts';
import {createSecrets, missingSecrets, replaceFile, type SecretName} from './secrets.ts';

/** Only our own programs see these. */
export const appSecrets = ['encryption_key', 'setup_token', 'instance_id'] as const;
/** PostgreSQL sees this one as well. */
const databaseSecrets = ['database_password'] as const;
/** Redis sees this one as well. */
const redisSecrets = ['redis_password'] as const;
/**
 * Of the role that owns the schema: PostgreSQL and `migrate` see this one, server and worker do
 * not.
 */
const migrationSecrets = ['database_migration_password'] as const;
/** Grafana, where it runs, sees this one alone. */
const grafanaSecrets = ['grafana_password'] as const;
const aclFile = 'redis.acl';
/**
 * Without the original ones the data of an earlier start cannot be used. Passwords are not among
 * them: PostgreSQL and Redis take whichever they find at every start.
 */
const boundToData: readonly SecretName[] = ['encryption_key'];

/** Where the volume of PostgreSQL is mounted for us, read-only, and its data in there. */
const databaseVolume = '/run/latchkey/database';
const databaseFolder = 'pgdata';

export type Places = {
	secretsDirectory: string;
	/** The same folder as `secretsDirectory` where nobody else mounts it. */
	databaseSecretsDirectory: string;
	/** The same folder as `databaseSecretsDirectory` where PostgreSQL and Redis share one. */
	redisSecretsDirectory: string;
	/** The same folder as `databaseSecretsDirectory` where server and worker do not mount that. */
	migrationSecretsDirectory: string;
	/** Where the console finds the setup token, if it does not mount `secretsDirectory`. */
	consoleSecretsDirectory: string | undefined;
	/** Where Grafana finds its password, if it may run. */
	grafanaSecretsDirectory: string | undefined;
	/** Volume whose `pgdata` shows that there is data already. It need not exist. */
	databaseVolume: string;
};

const usage = `Usage: latchkey init [--kubernetes-secret NAME]

Makes the secrets that are absent, and changes none that is there.

  --kubernetes-secret NAME   in a Secret of this pod's namespace instead of files

Exit status: 0 done, 1 failed, 2 wrong use, 78 the secrets or settings do not fit.
`;

/**
 * The first program of the bundle: makes the secrets that are absent, so that nobody has to think
 * of one, and refuses where they would be lost or would not fit the data.
 *
 * @returns the exit status
 * @throws {ConfigurationError | SecretsError}
 */
export async function main(args: readonly string[]): Promise<number> {
	const wanted = parse(args);
	if (wanted === undefined || wanted.help === true) {
		(wanted === undefined ? process.stderr : process.stdout).write(usage);
		return wanted === undefined ? 2 : 0;
	}
	const settings = loadSettings('init', process.env);
	const log = createLog({
		program: 'init',
		logLevel: settings.logLevel ?? 'info',
		keyPrefix: settings.keyPrefix ?? '',
	});
	const tell = (created: readonly string[]) =>
		log.info({created}, created.length === 0 ? 'every secret is there' : 'secrets were made');
	const name = wanted['kubernetes-secret'];
	if (name !== undefined) {
		tell(await createKubernetesSecret(await findKubernetes(process.env), name, appSecrets));
		return 0;
	}
	const secretsDirectory = settings.secretsDirectory ?? '';
	const databaseSecretsDirectory = settings.databaseSecretsDirectory ?? secretsDirectory;
	const places = {
		secretsDirectory,
		databaseSecretsDirectory,
		redisSecretsDirectory: settings.redisSecretsDirectory ?? databaseSecretsDirectory,
		migrationSecretsDirectory: settings.migrationSecretsDirectory ?? databaseSecretsDirectory,
		consoleSecretsDirectory: settings.consoleSecretsDirectory,
		grafanaSecretsDirectory: settings.grafanaSecretsDirectory,
		databaseVolume,
	};
	const allowEphemeralSecrets = settings.allowEphemeralSecrets ?? false;
	for (const directory of foldersOf(places)) {
		requireLastingSecrets({secretsDirectory: directory, allowEphemeralSecrets});
	}
	const created = await prepareSecrets(places);
	const before = await noteCheckout(secretsDirectory, settings.checkout);
	if (before !== undefined) {
		log.warn(
			{before, now: settings.checkout},
			'this data was used from another folder before; if that is a second checkout, give each a COMPOSE_PROJECT_NAME of its own, or they take over each other (docs/docker.md)',
		);
	}
	tell(created);
	return 0;
}

/** @returns undefined where nothing sensible is asked for */
function parse(args: readonly string[]) {
	try {
		const {values} = parseArgs({
			args: [...args],
			options: {'kubernetes-secret': {type: 'string'}, help: {type: 'boolean', short: 'h'}},
		});
		return values['kubernetes-secret'] === '' ? undefined : values;
	} catch {
		return undefined;
	}
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
	const directories = foldersOf(places);
	return explained(directories, async () => {
		// First, since a secret in a folder that we may not enter would pass for one that is gone.
		for (const directory of directories) await requireUsable(directory);
		await refuseNewSecretsForOldData(places);
		const {created: forDatabase} = await createSecrets(databaseSecretsDirectory, {
			names: databaseSecrets,
		});
		await moveRedisPassword(places);
		const {created: forRedis} = await createSecrets(places.redisSecretsDirectory, {
			names: redisSecrets,
		});
		const {created: forMigrations} = await createSecrets(migrationSecretsDirectory, {
			names: migrationSecrets,
		});
		const forGrafana = await makeGrafanaPassword(places.grafanaSecretsDirectory);
		const {created: forApp} = await createSecrets(secretsDirectory, {names: appSecrets});
		await writeDatabaseFiles(places);
		return [...forDatabase, ...forRedis, ...forMigrations, ...forGrafana, ...forApp];
	});
}

async function makeGrafanaPassword(directory: string | undefined): Promise<SecretName[]> {
	if (directory === undefined) return [];
	const {created} = await createSecrets(directory, {names: grafanaSecrets});
	for (const name of grafanaSecrets) await chmodWhereNeeded(path.join(directory, name), 0o440);
	return created;
}

function foldersOf(places: Places): string[] {
	const {databaseVolume: _volume, ...folders} = places;
	return [...new Set(Object.values(folders).filter((folder) => folder !== undefined))];
}

/**
 * An earlier version kept it beside the password of PostgreSQL, where Redis saw both. It is removed
 * there only once it is in its new place.
 */
async function moveRedisPassword(places: Places): Promise<void> {
	const {databaseSecretsDirectory: from, redisSecretsDirectory: to} = places;
	if (from === to) return;
	const old = await readFile(path.join(from, redisSecrets[0]), 'utf8').catch(() => undefined);
	const missing = await missingSecrets(to, redisSecrets);
	if (old !== undefined && missing.length > 0) {
		await replaceFile(path.join(to, redisSecrets[0]), old, 0o440);
	}
	for (const name of [...redisSecrets, aclFile]) await rm(path.join(from, name), {force: true});
}

/**
 * Remembers where the bundle was started from.
 *
 * @returns where it was started from before, when that is another place
 */
export async function noteCheckout(
	directory: string,
	checkout: string | undefined,
): Promise<string | undefined> {
	if (checkout === undefined) return undefined;
	const file = path.join(directory, '.checkout');
	const before = await readFile(file, 'utf8').catch(() => undefined);
	if (before === checkout) return undefined;
	await replaceFile(file, checkout, 0o600);
	return before;
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

/** If we may not look, something there is not ours: to be safe, that counts as data. */
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
	const directory = places.redisSecretsDirectory;
	const password = (await readFile(path.join(directory, 'redis_password'), 'utf8')).trimEnd();
	await replace(path.join(directory, aclFile), redisAcl(password));
	for (const name of [...redisSecrets, aclFile]) {
		await chmodWhereNeeded(path.join(directory, name), 0o440);
	}
	for (const name of databaseSecrets) {
		await chmodWhereNeeded(path.join(places.databaseSecretsDirectory, name), 0o440);
	}
	for (const name of migrationSecrets) {
		await chmodWhereNeeded(path.join(places.migrationSecretsDirectory, name), 0o440);
	}
	if (places.consoleSecretsDirectory !== undefined) {
		const token = await readFile(path.join(places.secretsDirectory, 'setup_token'), 'utf8');
		await replace(path.join(places.consoleSecretsDirectory, 'setup_token'), token, 0o400);
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

async function replace(file: string, text: string, mode = 0o440): Promise<void> {
	if ((await readFile(file, 'utf8').catch(() => undefined)) === text) return;
	await replaceFile(file, text, mode);
}

async function chmodWhereNeeded(file: string, mode: number): Promise<void> {
	if (((await stat(file)).mode & 0o777) !== mode) await chmod(file, mode);
}

/** Turns "permission denied" into who owns what, who we are, and the command that fixes it. */
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
