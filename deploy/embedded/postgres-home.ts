import {randomBytes} from 'node:crypto';
import {chmod, chown, mkdir, readFile, realpath, rm, stat, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {giveTo} from './directories.ts';
import {StartRefused} from './errors.ts';
import {postgresUser} from './os-user.ts';
import type {OsUser} from './os-user.ts';
import {run} from './run.ts';

export type PostgresHome = {directory: string; user: OsUser | undefined};

const outside = '/var/lib/latchkey';

/**
Chooses where the database of a data directory lives, and who runs it.

Normally `<data>/postgres`. As root PostgreSQL runs as another user, who cannot enter a folder below a 0700 home: then the database lies under /var/lib/latchkey in a folder of random name, noted in the data directory. Deleting the data directory therefore never leads to an old database with new secrets.
*/
export async function postgresHome(dataDirectory: string): Promise<PostgresHome> {
	const inside = path.join(dataDirectory, 'postgres');
	const note = path.join(dataDirectory, 'postgres-location');

	const noted = await readFile(note, 'utf8').catch(() => undefined);
	if (noted) {
		await claim(noted, dataDirectory);
		return {directory: noted, user: await postgresUser((await stat(noted)).uid)};
	}

	const owner = await stat(inside).then(
		({uid}) => uid,
		() => undefined,
	);
	const user = await postgresUser(owner);
	if (!user) {
		await mkdir(inside, {recursive: true, mode: 0o700});
		return {directory: inside, user};
	}

	// The user's group may pass through, not look around.
	await chown(dataDirectory, 0, user.gid);
	await chmod(dataDirectory, 0o710);
	await mkdir(inside, {recursive: true, mode: 0o700});
	await giveTo(inside, user);
	if (await canEnter(inside, user)) {
		return {directory: inside, user};
	}

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
	await mkdir(directory, {mode: 0o700});
	await writeFile(`${directory}.owner`, dataDirectory, {mode: 0o600});
	await giveTo(directory, user);
	await writeFile(note, directory, {mode: 0o600, flush: true});
	return {directory, user};
}

/** A data directory may be moved, but a copy of it must not open the same database. */
async function claim(directory: string, dataDirectory: string) {
	const ownerFile = `${directory}.owner`;
	const owner = await readFile(ownerFile, 'utf8').catch(() => undefined);
	if (owner === undefined) {
		throw new StartRefused(
			`The database of ${dataDirectory} was at ${directory} and is gone. Restore it from a backup, or delete ${dataDirectory} to begin anew.`,
		);
	}

	if (owner === dataDirectory) {
		return;
	}

	const ownersNote = path.join(owner, 'postgres-location');
	if ((await realpath(ownersNote).catch(() => undefined)) !== undefined) {
		throw new StartRefused(
			`${dataDirectory} is a copy of ${owner}, and both name the database ${directory}. Delete ${path.join(dataDirectory, 'postgres-location')} to give the copy a database of its own, empty one.`,
		);
	}

	await writeFile(ownerFile, dataDirectory, {mode: 0o600, flush: true});
}

async function canEnter(directory: string, user: OsUser) {
	return run('/bin/sh', ['-c', 'cd -- "$1" && test -w .', 'sh', directory], {user}).then(
		() => true,
		() => false,
	);
}
