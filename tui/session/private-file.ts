/* Files that only their owner can read. */
import fs from 'node:fs';
import path from 'node:path';
import {Failure} from '../failure.ts';

/** Not imported: an import reads each export of it, and WebCrypto is one: 10 ms. */
const {randomUUID} = process.getBuiltinModule('node:crypto');

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
