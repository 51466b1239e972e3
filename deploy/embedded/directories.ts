import {chmod, chown, lstat, mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {homedir, tmpdir} from 'node:os';
import path from 'node:path';
import {isRoot} from './os-user.ts';
import type {OsUser} from './os-user.ts';

/**
 * Where programs made ready once are kept for every later start and test run of this user, also
 * through a fresh clone.
 *
 * @param fallback used when the user has no home that can be written to.
 */
export async function cacheDirectory(fallback: string): Promise<string> {
	const home = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
	// Not root's home: its programs are run by other users too, and `sudo` may leave HOME with
	// somebody else's.
	const candidates = isRoot() ? ['/var/cache/latchkey'] : [path.join(home, 'latchkey')];
	for (const candidate of [...candidates, fallback]) {
		if (await makeOwnDirectory(candidate, isRoot() ? 0o755 : 0o700)) return candidate;
	}
	throw new Error(`No folder for unpacked programs: neither ${candidates.join()} nor ${fallback}`);
}

/** @returns false unless `directory` is ours alone to write to: we run programs from it. */
async function makeOwnDirectory(directory: string, mode: number) {
	try {
		await mkdir(directory, {recursive: true, mode});
		const {uid, mode: actual} = await lstat(directory);
		return uid === process.geteuid?.() && (actual & 0o022) === 0;
	} catch {
		return false;
	}
}

const socketNote = 'socket-directory';

/** The longest path a unix socket can have (unix(7): 108 bytes with the closing zero). */
const socketPathLimit = 107;

/**
 * Where folders with sockets are made: the system's temporary folder unless that makes the sockets'
 * paths too long.
 */
export function socketParent(): string {
	const longest = path.join(tmpdir(), 'latchkey-XXXXXX', '.s.PGSQL.5432.lock');
	return Buffer.byteLength(longest) > socketPathLimit ? '/tmp' : tmpdir();
}

/**
 * A short-pathed folder for the socket of the service that lives in `home`, its path noted in
 * `home`, so that the next start finds a service that was left running, and the same path again
 * after a crash.
 *
 * @param user who runs the service; nobody else (but root) may enter.
 */
export async function socketDirectory(home: string, user?: OsUser): Promise<string> {
	const noted = await notedSocketDirectory(home);
	if (noted && (await isPrivate(noted, user))) return noted;
	const directory = await mkdtemp(path.join(socketParent(), 'latchkey-'));
	await giveTo(directory, user);
	await writeFile(path.join(home, socketNote), directory, {mode: 0o600});
	return directory;
}

/** Where the socket of the service in `home` was last. */
export async function notedSocketDirectory(home: string): Promise<string | undefined> {
	return readFile(path.join(home, socketNote), 'utf8').catch(() => undefined);
}

/**
 * Makes a folder known by an earlier `socketDirectory` again, at the same path, if it was removed
 * since.
 */
export async function restoreSocketDirectory(directory: string, user?: OsUser): Promise<void> {
	try {
		await mkdir(directory, {mode: 0o700});
		await giveTo(directory, user);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !(await isPrivate(directory, user))) {
			throw error;
		}
	}
}

export async function removeSocketDirectory(home: string, directory: string): Promise<void> {
	await rm(directory, {recursive: true, force: true});
	await rm(path.join(home, socketNote), {force: true});
}

/** Hands a folder to `user` alone. */
export async function giveTo(directory: string, user: OsUser | undefined): Promise<void> {
	await chmod(directory, 0o700);
	if (user) await chown(directory, user.uid, user.gid);
}

/** In a folder open to all (/tmp) somebody else may have taken the path since. */
async function isPrivate(directory: string, user?: OsUser) {
	try {
		const stats = await lstat(directory);
		const owner = user?.uid ?? process.geteuid?.();
		return stats.isDirectory() && stats.uid === owner && (stats.mode & 0o077) === 0;
	} catch {
		return false;
	}
}
