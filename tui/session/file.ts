import fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import {Failure} from '../failure.ts';
import type {Credentials, Keeping} from './session.ts';

/** Not imported: an import reads each export of it, and WebCrypto is one: 10 ms. */
const {hash, randomUUID} = process.getBuiltinModule('node:crypto');

const stored = z.object({
	url: z.string(),
	access_token: z.string(),
	refresh_token: z.string().optional(),
	expires_at: z.number().optional(),
});

/** One file a server, so that two consoles at two servers never write the same one. */
export function sessionFile(folder: string, url: URL): string {
	const server = hash('sha256', url.href, 'hex').slice(0, 16);
	return path.join(folder, `session-${server}.json`);
}

/**
 * Keeps credentials in a 0600 file of a 0700 folder. Each read goes to the file, because another
 * process may have renewed the session since.
 *
 * @throws {Failure} usage, when others can read the file or it cannot be written.
 */
export function inFile(file: string, url: URL): Keeping {
	return {
		read: () => read(file),
		write: (credentials) => {
			writePrivately(
				file,
				JSON.stringify({
					url: url.href,
					access_token: credentials.accessToken,
					refresh_token: credentials.refreshToken,
					expires_at: credentials.expiresAt,
				}),
			);
		},
		clear: () => fs.rmSync(file, {force: true}),
		place: file,
	};
}

function read(file: string): Credentials | undefined {
	const text = readPrivate(file);
	if (text === undefined) return undefined;
	const parsed = stored.safeParse(json(text));
	if (!parsed.success) return undefined;
	const {
		access_token: accessToken,
		refresh_token: refreshToken,
		expires_at: expiresAt,
	} = parsed.data;
	return {
		accessToken,
		...(refreshToken === undefined ? {} : {refreshToken}),
		...(expiresAt === undefined ? {} : {expiresAt}),
	};
}

/** The text of a file that only its owner can read; undefined where there is none. */
export function readPrivate(file: string): string | undefined {
	let descriptor: number;
	try {
		descriptor = fs.openSync(file, 'r');
	} catch (error) {
		// In a container the home may be somebody else's: what we may not look at is not ours.
		const {code = ''} = error as NodeJS.ErrnoException;
		if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(code)) return undefined;
		throw new Failure('usage', `Cannot read ${file}: ${(error as Error).message}`);
	}
	try {
		const {mode} = fs.fstatSync(descriptor);
		if ((mode & 0o077) !== 0) {
			throw new Failure(
				'usage',
				`${file} can be read by others (mode ${(mode & 0o777).toString(8)})`,
				{
					hint: `Run \`chmod 600 ${file}\`, or log in again after removing it.`,
				},
			);
		}
		return fs.readFileSync(descriptor, 'utf8');
	} finally {
		fs.closeSync(descriptor);
	}
}

/** Replaces a file as a whole: a reader sees the old text or the new one, never a part. */
export function writePrivately(file: string, text: string): void {
	const temporary = `${file}.${randomUUID()}`;
	try {
		fs.mkdirSync(path.dirname(file), {recursive: true, mode: 0o700});
		fs.writeFileSync(temporary, text, {mode: 0o600, flag: 'wx'});
		fs.renameSync(temporary, file);
	} catch (error) {
		fs.rmSync(temporary, {force: true});
		throw new Failure('usage', `Cannot keep the session in ${file}: ${(error as Error).message}`, {
			hint: 'Set XDG_STATE_HOME to a folder that can be written, or give LATCHKEY_TOKEN_FILE.',
		});
	}
}

/** Whether files can be made in `folder`, which is made if it can be. */
export function writable(folder: string): boolean {
	try {
		fs.mkdirSync(folder, {recursive: true, mode: 0o700});
		fs.accessSync(folder, fs.constants.W_OK);
		return true;
	} catch {
		return false;
	}
}

function json(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
