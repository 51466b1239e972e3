import {randomBytes} from 'node:crypto';
import {chmod, chown, mkdir, readFile, realpath, rm, stat, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {StartRefused} from '../errors.ts';
import {postgresUser} from '../os-user.ts';
import type {OsUser} from '../os-user.ts';
import {run} from '../run.ts';

export type PostgresHome = {directory: string; user: OsUser | undefined};

const outside = '/var/lib/latchkey';
const locationNote = 'postgres-location';

/**
 * Chooses where the database of a data directory lives, and who runs it.
 *
 * Normally `<data>/postgres`. As root PostgreSQL runs as another user, who cannot enter a folder
 * below a 0700 home: then the database lies under /var/lib/latchkey in a folder of random name,
 * noted in the data directory. Deleting the data directory therefore never leads to an old database
 * with new secrets.
 */
export async function postgresHome(dataDirectory: string): Promise<PostgresHome> {
	const inside = path.join(dataDirectory, 'postgres');
	const note = path.join(dataDirectory, locationNote);

	const ownerOf = async (home: string) =>
		stat(path.join(home, 'data')).then(
			({uid}) => uid,
			() => undefined,
		);

	const noted = await readFile(note, 'utf8').catch(() => undefined);
	if (noted) {
		await claim(noted, dataDirectory);
		return {directory: noted, user: await postgresUser(await ownerOf(noted))};
	}
	const owner = await ownerOf(inside);
	const user = await postgresUser(owner);
	if (!user) {
		await mkdir(inside, {recursive: true, mode: 0o700});
		return {directory: inside, user};
	}
	await letThrough(dataDirectory, user);
	await mkdir(inside, {recursive: true});
	await letThrough(inside, user);
	if (await canEnter(inside, user)) return {directory: inside, user};
	if (owner !== undefined) {
		throw new StartRefused(
			`The user ${user.name}, who runs PostgreSQL, cannot enter ${inside} any more. Let that user pass through the folders above it (chmod o+x), or move the data directory to where it was.`,
		);
	}
	await rm(inside, {recursive: true});
	await chmod(dataDirectory, 0o700);
	await chown(dataDirectory, 0, 0);
	const directory = path.join(outside, randomBytes(6).toString('hex'));
	await mkdir(outside, {recursive: true, mode: 0o755});
	await mkdir(directory);
	await letThrough(directory, user);
	await writeFile(`${directory}.owner`, dataDirectory, {mode: 0o600});
	await writeFile(note, directory, {mode: 0o600, flush: true});
	return {directory, user};
}

/** Where the database of a data directory lives; nothing is made. */
export async function findPostgresHome(dataDirectory: string): Promise<string> {
	const noted = await readFile(path.join(dataDirectory, locationNote), 'utf8').catch(() => '');
	return noted || path.join(dataDirectory, 'postgres');
}

/** A data directory may be moved, but a copy of it must not open the same database. */
async function claim(directory: string, dataDirectory: string) {
	const ownerFile = `${directory}.owner`;
	const [owner, home] = await Promise.all([
		readFile(ownerFile, 'utf8').catch(() => undefined),
		stat(directory).catch(() => undefined),
	]);
	if (owner === undefined || !home) {
		throw new StartRefused(
			`The database of ${dataDirectory} was at ${directory} and is gone. Restore it from a backup, or delete ${dataDirectory} to begin anew.`,
		);
	}
	if (owner === dataDirectory) return;
	const ownersNote = path.join(owner, locationNote);
	if ((await realpath(ownersNote).catch(() => undefined)) !== undefined) {
		throw new StartRefused(
			`${dataDirectory} is a copy of ${owner}, and both name the database ${directory}. Delete ${path.join(dataDirectory, locationNote)} to give the copy an empty database of its own.`,
		);
	}
	await writeFile(ownerFile, dataDirectory, {mode: 0o600, flush: true});
}

/** It stays root's folder: the user's group may pass through, but neither look around nor write. */
async function letThrough(directory: string, user: OsUser) {
	await chown(directory, 0, user.gid);
	await chmod(directory, 0o710);
}

async function canEnter(directory: string, user: OsUser) {
	return run('/bin/sh', ['-c', 'cd -- "$1"', 'sh', directory], {user}).then(
		() => true,
		() => false,
	);
}
