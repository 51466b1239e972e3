import path from 'node:path';
import type {BackupConfig, DatabaseConfig} from '../../core/config/config.ts';
import {grantApplication} from '../../core/db/grants.ts';
import {migrate} from '../../core/db/migrate.ts';
import type {DatabaseSession} from '../../core/db/session.ts';
import type {Log} from '../../core/log.ts';
import {endRun, startRun, type RunFile} from '../../core/maintenance/runs.ts';
import {createVault} from '../../core/secrets/vault.ts';
import {readArchive, type Archive, type Opener} from './archive-reader.ts';
import {requireKnownMigrations} from './compatible.ts';
import {BackupError, messageOf} from './errors.ts';
import {loadDump} from './load.ts';
import {findPostgresPrograms, PostgresLauncher} from './postgres-programs.ts';
import {prove, type Proof} from './prove.ts';
import {masterKeysIn, missingMasterKeys} from './secret-files.ts';
import {connectForLong, lockMaintenance, openLongSession, postgresMajor} from './session.ts';

export type DrillOptions = {
	config: BackupConfig;
	/** The backup; chosen once the run has begun, so that there being none is a failure that is seen. */
	choose: () => Promise<string>;
	opener: Opener;
	masterKeys: readonly Buffer[];
	migrations: string;
	knownKey: string | undefined;
	log: Log;
	say: (text: string) => void;
};

export type Drilled = {file: string; taken_at: string; proved: Proof};

/**
 * Restores a backup into a database of its own beside the one in use, proves it, and drops it again. What a
 * killed drill left, the next one clears.
 *
 * @throws {BackupError} when the backup would not have helped
 */
export async function drill(options: DrillOptions): Promise<Drilled> {
	const {ownerDatabase: owner} = options.config;
	const db = connectForLong(owner, 'drill');
	let session: DatabaseSession | undefined;
	try {
		session = await openLongSession(owner, 'drill');
		await lockMaintenance(session);
		const run = await startRun(db, 'drill');
		const known: Partial<RunFile> = {};
		try {
			const file = await options.choose();
			known.file = path.basename(file);
			options.say(`${file} is read …`);
			const archive = await readArchive(file, options.opener);
			known.bytes = archive.bytes;
			known.sha256 = archive.sha256;
			known.taken_at = new Date(archive.manifest.taken_at);
			const proved = await tryOut(options, session, archive);
			await endRun(db, run, known);
			return {file, taken_at: archive.manifest.taken_at, proved};
		} catch (error) {
			await endRun(db, run, {...known, error: messageOf(error).slice(0, 500)}).catch(() => {});
			throw error;
		}
	} finally {
		await session?.end().catch(() => {});
		await db.destroy();
	}
}

async function tryOut(
	options: DrillOptions,
	session: DatabaseSession,
	archive: Archive,
): Promise<Proof> {
	const {config, log} = options;
	await requireKnownMigrations(archive, options.migrations);
	const inBackup = masterKeysIn(archive);
	const masterKeys = inBackup.length > 0 ? inBackup : options.masterKeys;
	const missing = missingMasterKeys(archive, masterKeys);
	if (missing.length > 0) {
		throw new BackupError(
			`Neither the backup nor this machine has the master key ${missing.join(', ')} that the backup needs.`,
		);
	}
	const serverMajor = await postgresMajor(session);
	const programs = await findPostgresPrograms(
		Math.max(serverMajor, archive.manifest.pg_dump_major),
		config.postgresPrograms,
	);
	const {ownerDatabase: owner, directDatabase: application} = config;
	const role = owner.user === application.user ? undefined : application.user;
	const database: DatabaseConfig = {...owner, database: `${owner.database}_drill`};
	await dropDatabase(session, database.database);
	await createDatabase(session, database.database);
	try {
		options.say(`It is restored into the database ${database.database} …`);
		const launcher = await PostgresLauncher.create(database);
		try {
			await loadDump(launcher, programs, archive, {name: 'drill', serverMajor, settling: ''});
		} finally {
			await launcher.close();
		}
		await migrate({
			database,
			application: role === undefined ? undefined : {name: role, password: undefined},
			directory: options.migrations,
			log,
		});
		const db = connectForLong(database, 'drill');
		try {
			if (role !== undefined) await db.transaction((each) => grantApplication(each, role));
			options.say('It is proved …');
			const vault = createVault(masterKeys);
			return await prove(db, archive, {vault, application: role, knownKey: options.knownKey});
		} finally {
			await db.destroy();
		}
	} finally {
		await dropDatabase(session, database.database);
	}
}

async function createDatabase(session: DatabaseSession, name: string): Promise<void> {
	try {
		await session.query(`create database ${session.escapeIdentifier(name)} template template0`);
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? error.code : undefined;
		if (code !== '42501') throw error;
		const {rows} = await session.query<{statement: string}>(
			"select format('alter role %I createdb', current_user) as statement",
		);
		throw new BackupError(
			`The database role that owns the schema may not make the throw-away database. Run as a superuser, then start again:\n  ${rows[0]?.statement};`,
		);
	}
}

async function dropDatabase(session: DatabaseSession, name: string): Promise<void> {
	await session.query(`drop database if exists ${session.escapeIdentifier(name)} with (force)`);
}
