import {rm} from 'node:fs/promises';
import path from 'node:path';
import type {BackupConfig} from '../../core/config/config.ts';
import type {DatabaseSession} from '../../core/db/session.ts';
import {endRun, startRun} from '../../core/maintenance/runs.ts';
import {claimMasterKeys, type ReadMasterKeys} from '../../core/secrets/master-keys.ts';
import {version} from '../../core/version.ts';
import {ArchiveWriter, type Encryption} from './archive-writer.ts';
import {readArchive} from './archive-reader.ts';
import {readDump} from './dump.ts';
import {BackupError, messageOf} from './errors.ts';
import {backupFormat, part, type Manifest} from './manifest.ts';
import {
	deleteOld,
	finishPartial,
	nameOf,
	openPartial,
	requireSpace,
	type Place,
	type Retention,
} from './place.ts';
import {findPostgresPrograms, PostgresLauncher} from './postgres-programs.ts';
import {connectForLong, lockMaintenance, openLongSession, postgresMajor} from './session.ts';
import {sha256OfFile} from './sha256.ts';
import {takeSnapshot} from './snapshot.ts';

export type BackupOptions = {
	config: BackupConfig;
	readMasterKeys: ReadMasterKeys;
	/** By name, what of the folder of secrets goes in; empty: none. */
	secrets: ReadonlyMap<string, Buffer>;
	place: Place;
	retention: Retention;
	encryption: Encryption | undefined;
};

export type MadeBackup = {
	file: string;
	bytes: number;
	sha256: string;
	taken_at: string;
	encrypted: boolean;
	secrets: boolean;
	tables: number;
	rows: number;
	deleted: string[];
};

/**
 * Makes a backup: written whole or not at all, read back before older ones are deleted.
 *
 * @throws {BackupError | SecretsError}
 */
export async function makeBackup(options: BackupOptions): Promise<MadeBackup> {
	const {config} = options;
	const db = connectForLong(config.ownerDatabase, 'backup');
	let session: DatabaseSession | undefined;
	try {
		session = await openLongSession(config.ownerDatabase, 'backup');
		await lockMaintenance(session);
		await claimMasterKeys(db, options.readMasterKeys);
		const run = await startRun(db, 'backup');
		try {
			const made = await write(options, session, run);
			const {file, bytes, sha256} = made;
			const takenAt = new Date(made.taken_at);
			await endRun(db, run, {file: path.basename(file), bytes, sha256, taken_at: takenAt});
			return made;
		} catch (error) {
			await endRun(db, run, {error: messageOf(error).slice(0, 500)}).catch(() => {});
			throw error;
		}
	} finally {
		await session?.end().catch(() => {});
		await db.destroy();
	}
}

async function write(
	options: BackupOptions,
	session: DatabaseSession,
	runId: string,
): Promise<MadeBackup> {
	const {config, place, encryption, secrets} = options;
	const major = await postgresMajor(session);
	const programs = await findPostgresPrograms(major, config.postgresPrograms);
	const snapshot = await takeSnapshot(session);
	await requireSpace(place.folder, snapshot.databaseBytes);
	const manifest: Manifest = {
		format: backupFormat,
		latchkey: version,
		taken_at: snapshot.takenAt.toISOString(),
		run_id: runId,
		postgres_major: major,
		pg_dump_major: programs.major,
		secrets: secrets.size > 0,
		...snapshot.facts,
	};
	const name = place.name ?? nameOf(snapshot.takenAt, encryption !== undefined);
	const file = path.join(place.folder, name);
	const {file: partial, handle} = await openPartial(place.folder);
	const launcher = await PostgresLauncher.create(config.ownerDatabase);
	let written: {bytes: number; sha256: string};
	try {
		const archive = new ArchiveWriter(handle, encryption);
		try {
			await archive.add(part.manifest, Buffer.from(`${JSON.stringify(manifest, null, '\t')}\n`));
			await archive.add(part.auditHeads, Buffer.from(snapshot.auditHeads));
			for (const [secret, content] of secrets) await archive.add(part.secrets + secret, content);
			const dump = readDump(launcher, programs, snapshot);
			if ((await archive.addChunks(part.dump, dump)) === 0) {
				throw new BackupError('pg_dump wrote nothing.');
			}
			written = await archive.end();
		} catch (error) {
			await archive.abort();
			throw error;
		}
		await handle.close();
		await proveReadable(partial, written, encryption, manifest);
		await finishPartial(partial, file);
	} catch (error) {
		await handle.close().catch(() => {});
		await rm(partial, {force: true});
		throw inWords(error, place.folder);
	} finally {
		await launcher.close();
	}
	const counts = Object.values(manifest.tables);
	return {
		file,
		...written,
		taken_at: manifest.taken_at,
		encrypted: encryption !== undefined,
		secrets: manifest.secrets,
		tables: counts.length,
		rows: counts.reduce((sum, {rows}) => sum + rows, 0),
		deleted: await deleteOld(place.folder, file, options.retention),
	};
}

/** What we can open is opened and compared part by part; the rest is compared as the bytes that were written. */
async function proveReadable(
	file: string,
	written: {sha256: string},
	encryption: Encryption | undefined,
	manifest: Manifest,
): Promise<void> {
	if (encryption !== undefined && 'recipient' in encryption) {
		if ((await sha256OfFile(file)) === written.sha256) return;
	} else {
		const archive = await readArchive(file, encryption ?? {});
		if (archive.sha256 === written.sha256 && archive.manifest.run_id === manifest.run_id) return;
	}
	throw new BackupError('What was written does not read back the same: the disk is at fault.');
}

function inWords(error: unknown, folder: string): unknown {
	const code = error instanceof Error && 'code' in error ? error.code : undefined;
	const isOfDisk = ['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 'EROFS'].includes(String(code));
	if (!isOfDisk) return error;
	return new BackupError(
		`The backup could not be written to ${folder}: ${messageOf(error)}. Nothing is left of it; older backups are as they were.`,
	);
}
