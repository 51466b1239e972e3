import path from 'node:path';
import {bySystem} from '../../core/actor.ts';
import type {BackupConfig} from '../../core/config/config.ts';
import {migrate} from '../../core/db/migrate.ts';
import type {DatabaseSession} from '../../core/db/session.ts';
import type {Log} from '../../core/log.ts';
import {endRun, startRun} from '../../core/maintenance/runs.ts';
import {claimMasterKeys} from '../../core/secrets/master-keys.ts';
import {createVault} from '../../core/secrets/vault.ts';
import {replaceSigningKeys} from '../../core/signing/rotation.ts';
import type {Archive} from './archive-reader.ts';
import {requireKnownMigrations} from './compatible.ts';
import {BackupError} from './errors.ts';
import {loadDump} from './load.ts';
import {findPostgresPrograms, PostgresLauncher} from './postgres-programs.ts';
import {prove, type Proof} from './prove.ts';
import {emptyRedis} from './redis.ts';
import {masterKeysIn, missingMasterKeys, placeSecrets} from './secret-files.ts';
import {connectForLong, lockMaintenance, openLongSession, postgresMajor} from './session.ts';
import {settle} from './settle.ts';
import {runningPrograms, usedTables} from './tables.ts';

export type RestoreOptions = {
	config: BackupConfig;
	archive: Archive;
	/** The master keys of this machine; undefined: it has none yet. */
	masterKeys: readonly Buffer[] | undefined;
	/** Where secrets are put; undefined: the operator gives the master key by a variable. */
	secretsFolder: string | undefined;
	migrations: string;
	sendsMissedWebhooks: boolean;
	checksOnly: boolean;
	knownKey: string | undefined;
	log: Log;
	/** Told what is being done. */
	say: (text: string) => void;
};

export type Restored = {
	file: string;
	taken_at: string;
	proved: Proof;
	/** Files of secrets that were there before, under their new names. */
	set_aside: string[];
	/** Undefined where no Redis is told. */
	removed_from_redis: number | undefined;
};

/**
 * Restores a backup into an appliance that holds nothing.
 *
 * @returns undefined where it was only checked whether that could be done
 * @throws {BackupError | SecretsError | SchemaError}
 */
export async function restore(options: RestoreOptions): Promise<Restored | undefined> {
	const {config, archive, say} = options;
	const owner = config.ownerDatabase;
	await requireKnownMigrations(archive, options.migrations);
	const masterKeys = chooseMasterKeys(options);
	const session = await openLongSession(owner, 'restore');
	try {
		await lockMaintenance(session);
		const serverMajor = await requireFit(session, archive);
		await requireEmpty(session);
		const programs = await findPostgresPrograms(
			Math.max(serverMajor, archive.manifest.pg_dump_major),
			config.postgresPrograms,
		);
		if (options.checksOnly) return undefined;

		const setAside =
			options.secretsFolder === undefined || archive.secrets.size === 0
				? []
				: await placeSecrets(options.secretsFolder, archive);
		say('The database is restored …');
		const launcher = await PostgresLauncher.create(owner);
		try {
			const backup = {name: path.basename(archive.file), ...archive};
			const settling = settle(archive.manifest, backup, options.sendsMissedWebhooks);
			await loadDump(launcher, programs, archive, {name: 'restore', serverMajor, settling});
		} finally {
			await launcher.close();
		}
		return await complete(options, masterKeys, setAside);
	} finally {
		await session.end().catch(() => {});
	}
}

/** What follows once the data is there; all of it can be done again by starting the appliance. */
async function complete(
	options: RestoreOptions,
	masterKeys: readonly Buffer[],
	setAside: string[],
): Promise<Restored> {
	const {config, archive, say, log} = options;
	const {ownerDatabase: owner, directDatabase: application} = config;
	const role = owner.user === application.user ? undefined : application;
	await migrate({
		database: owner,
		application: role && {name: role.user, password: role.password},
		directory: options.migrations,
		log,
	});
	const db = connectForLong(owner, 'restore');
	try {
		const run = await startRun(db, 'restore');
		const {manifest} = archive;
		const file = {
			file: path.basename(archive.file),
			taken_at: new Date(manifest.taken_at),
			bytes: archive.bytes,
			sha256: archive.sha256,
		};
		try {
			await claimMasterKeys(db, () => masterKeys);
			const vault = createVault(masterKeys);
			await replaceSigningKeys(db, vault, 'access_token', bySystem('latchkey restore'));
			const removed = config.redis === undefined ? undefined : await emptyRedis(config.redis, log);
			say('It is proved …');
			const proved = await prove(db, archive, {
				vault,
				application: role?.user,
				knownKey: options.knownKey,
			});
			await endRun(db, run, file);
			return {
				file: archive.file,
				taken_at: manifest.taken_at,
				proved,
				set_aside: setAside,
				removed_from_redis: removed,
			};
		} catch (error) {
			const words = error instanceof Error ? error.message.slice(0, 500) : 'unknown';
			await endRun(db, run, {...file, error: words}).catch(() => {});
			throw error;
		}
	} finally {
		await db.destroy();
	}
}

/** The master keys that the restored database is opened with. */
function chooseMasterKeys({archive, masterKeys, secretsFolder}: RestoreOptions): readonly Buffer[] {
	const inBackup = masterKeysIn(archive);
	const isPlaced = inBackup.length > 0 && secretsFolder !== undefined;
	const chosen = isPlaced ? inBackup : (masterKeys ?? []);
	const missing = missingMasterKeys(archive, chosen);
	if (missing.length === 0) return chosen;
	throw new BackupError(
		isPlaced
			? `The backup lacks the master key ${missing.join(', ')} that its own database needs. Take another backup.`
			: `The master key here is not the one that the backup needs (${missing.join(', ')}). ${
					inBackup.length > 0
						? 'It is in the backup, but this machine takes its master key from LATCHKEY_ENCRYPTION_KEY: give it that one (docs/backup.md).'
						: 'It is not in the backup: put the file encryption_key of the old machine into the folder of secrets.'
				} Nothing was changed.`,
	);
}

/** @returns the major version of the server */
async function requireFit(session: DatabaseSession, {manifest}: Archive): Promise<number> {
	const major = await postgresMajor(session);
	if (major >= manifest.postgres_major) return major;
	throw new BackupError(
		`The backup is of PostgreSQL ${manifest.postgres_major}, and this is ${major}. Restore it into ${manifest.postgres_major} or newer. Nothing was changed.`,
	);
}

async function requireEmpty(session: DatabaseSession): Promise<void> {
	const used = await usedTables(session);
	if (used.length > 0) {
		const shown = used.slice(0, 8).join(', ') + (used.length > 8 ? ', …' : '');
		throw new BackupError(
			`This appliance is not empty: there are rows in ${shown}. A backup is restored into an empty one only: with Docker, another COMPOSE_PROJECT_NAME or another machine; else a new database. Nothing was changed.`,
		);
	}
	const running = await runningPrograms(session);
	if (running.length > 0) {
		throw new BackupError(
			`Programs use this database: ${running.join(', ')}. Stop them first (docker compose stop server worker), and wait ten seconds. Nothing was changed.`,
		);
	}
}
