import {readdir} from 'node:fs/promises';
import type {Archive} from './archive-reader.ts';
import {BackupError} from './errors.ts';

/** @throws {BackupError} when the schema of a backup is newer than this version knows */
export async function requireKnownMigrations(
	{manifest}: Archive,
	migrations: string,
): Promise<void> {
	const files = await readdir(migrations);
	const known = new Set(files.map((name) => name.replace(/\.sql$/, '')));
	const newer = manifest.migrations.filter((name) => !known.has(name));
	if (newer.length === 0) return;
	throw new BackupError(
		`The backup was made by Latchkey ${manifest.latchkey}, whose schema is newer than this version (${newer.at(-1)}). Take that version of Latchkey or a newer one. Nothing was changed.`,
	);
}
