import fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import {readPrivate, writePrivately} from './private-file.ts';
import type {Credentials, CredentialStore} from './session.ts';

/** Not imported: an import reads each export of it, and WebCrypto is one: 10 ms. */
const {hash} = process.getBuiltinModule('node:crypto');

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
export function inFile(file: string, url: URL): CredentialStore {
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

function json(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
