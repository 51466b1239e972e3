import {chown, mkdir, readFile, rename, stat} from 'node:fs/promises';
import path from 'node:path';
import {masterKeyId} from '../../core/secrets/vault.ts';
import {replaceFile} from '../secrets.ts';
import type {Archive} from './archive-reader.ts';
import {BackupError} from './errors.ts';

/** What of the folder of secrets belongs to the data. Passwords belong to the machine. */
const names = ['encryption_key', 'setup_token', 'instance_id'] as const;
const masterKeyName = names[0];

/** The secrets that go into a backup, by name. @param masterKeys those that are in use, wherever they come from */
export async function readSecretFiles(
	folder: string,
	masterKeys: readonly Buffer[],
): Promise<Map<string, Buffer>> {
	const lines = masterKeys.map((key) => `${key.toString('base64url')}\n`);
	const found = new Map([[masterKeyName as string, Buffer.from(lines.join(''))]]);
	for (const name of names.slice(1)) {
		const content = await readFile(path.join(folder, name)).catch(() => undefined);
		if (content !== undefined) found.set(name, content);
	}
	return found;
}

/** The master keys in a backup. */
export function masterKeysIn(archive: Archive): Buffer[] {
	const text = archive.secrets.get(masterKeyName)?.toString() ?? '';
	return text
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => Buffer.from(line, 'base64url'));
}

/** The master keys that a database needs and that are not among these, by id. */
export function missingMasterKeys(archive: Archive, masterKeys: readonly Buffer[]): string[] {
	const own = new Set(masterKeys.map((key) => masterKeyId(key).toString('hex')));
	return archive.manifest.master_keys.filter((id) => !own.has(id));
}

/**
 * Puts the secrets of a backup where this machine keeps its own. One that was there and differs stays beside
 * it under another name: it may belong to something else.
 *
 * @returns the names of files that were set aside
 */
export async function placeSecrets(folder: string, archive: Archive): Promise<string[]> {
	const setAside: string[] = [];
	try {
		await mkdir(folder, {recursive: true, mode: 0o700});
		const {uid, gid} = await stat(folder);
		const put = async (file: string, text: string) => {
			await replaceFile(file, text, 0o400);
			// As root of a container: server and worker read it as the owner of the folder.
			if (process.geteuid?.() === 0 && uid !== 0) await chown(file, uid, gid);
		};
		// The master key last: with it everything is there.
		for (const [name, content] of [...archive.secrets].toReversed()) {
			if (!(names as readonly string[]).includes(name)) continue;
			const file = path.join(folder, name);
			const before = await readFile(file).catch(() => undefined);
			if (before?.equals(content) === true) continue;
			if (before !== undefined && name === masterKeyName) {
				const aside = `${name}.before-restore-${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
				await put(path.join(folder, `.${aside}`), before.toString());
				await rename(path.join(folder, `.${aside}`), path.join(folder, aside));
				setAside.push(aside);
			}
			await put(file, content.toString());
		}
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
		throw new BackupError(
			`The secrets of the backup cannot be written to ${folder} (${code}). The database was not touched. Mount it writable, or put encryption_key there yourself and give LATCHKEY_ENCRYPTION_KEY_FILE.`,
		);
	}
	return setAside;
}
