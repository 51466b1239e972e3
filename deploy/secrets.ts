import {randomBytes, randomUUID} from 'node:crypto';
import {constants} from 'node:fs';
import {link, mkdir, open, rename, stat, unlink} from 'node:fs/promises';
import path from 'node:path';
import {exists} from './exists.ts';

/** base64url: no character that a URL, a shell or a Compose file would need escaped. */
export const randomSecret = (bytes: number) => randomBytes(bytes).toString('base64url');

const generators = {
	database_password: () => randomSecret(32),
	database_migration_password: () => randomSecret(32),
	database_superuser_password: () => randomSecret(32),
	redis_password: () => randomSecret(32),
	grafana_password: () => randomSecret(24),
	encryption_key: () => randomSecret(32),
	setup_token: () => `lkst_${randomSecret(24)}`,
	instance_id: () => randomUUID(),
};

export type SecretName = keyof typeof generators;

/** A new one, as text. */
export const generateSecret = (name: SecretName): string => generators[name]();

export const secretNames = Object.freeze(Object.keys(generators)) as readonly SecretName[];

/**
 * Makes those of the named secrets that are absent, each in a file of its own (mode 0400) in
 * `directory` (mode 0700).
 *
 * What exists is never touched, so running again, or twice at once, gives every runner the same
 * secrets. A file appears whole or not at all, even through a power cut.
 *
 * @returns the names that this call made.
 */
export async function createSecrets(
	directory: string,
	{names = secretNames}: {names?: readonly SecretName[]} = {},
): Promise<{created: SecretName[]}> {
	await mkdir(directory, {recursive: true, mode: 0o700});

	const created: SecretName[] = [];
	for (const name of names) {
		if (await createOnce(directory, name, generators[name])) created.push(name);
	}
	if (created.length > 0) await syncDirectory(directory);
	return {created};
}

/** The named secrets for which `directory` holds no file. */
export async function missingSecrets(
	directory: string,
	names: readonly SecretName[] = secretNames,
): Promise<SecretName[]> {
	const missing: SecretName[] = [];
	for (const name of names) if (!(await exists(path.join(directory, name)))) missing.push(name);
	return missing;
}

async function createOnce(directory: string, name: string, generate: () => string) {
	const target = path.join(directory, name);
	if (await exists(target)) return false;
	const temporary = path.join(directory, `.${name}.${randomSecret(9)}`);
	const file = await open(temporary, 'wx', 0o400);
	try {
		await file.writeFile(`${generate()}\n`);
		await file.sync();
	} finally {
		await file.close();
	}
	try {
		// Not rename: the later of two runners would replace a secret that the earlier has handed out.
		await link(temporary, target);
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
		throw error;
	} finally {
		await unlink(temporary);
	}
}

/**
 * Replaces the content of a file, whole or not at all, even through a power cut. It keeps
 * its owner and group, and nobody ever reads it with wider rights.
 */
export async function replaceFile(file: string, text: string, mode: number): Promise<void> {
	const before = await stat(file).catch(() => undefined);
	const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${randomSecret(9)}`);
	try {
		const handle = await open(temporary, 'wx', mode);
		try {
			const user = process.geteuid?.();
			if (before !== undefined && (user === 0 || before.uid !== user)) {
				await handle.chown(before.uid, before.gid);
			}
			await handle.writeFile(text);
			await handle.sync();
		} finally {
			await handle.close();
		}
		await rename(temporary, file);
	} catch (error) {
		await unlink(temporary).catch(() => undefined);
		throw error;
	}
	await syncDirectory(path.dirname(file));
}

async function syncDirectory(directory: string) {
	const handle = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY);
	try {
		await handle.sync();
	} finally {
		await handle.close();
	}
}
