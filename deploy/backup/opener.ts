import {readFile} from 'node:fs/promises';
import type {Opener} from './archive-reader.ts';
import {messageOf, UsageError} from './errors.ts';

/** What the options and settings give to open a backup with. */
export async function openerOf(given: {
	passphraseFile: string | undefined;
	identityFile: string | undefined;
	passphrase: string | undefined;
}): Promise<Opener> {
	const {passphraseFile, identityFile} = given;
	const passphrase =
		passphraseFile === undefined
			? given.passphrase
			: await readSecret(passphraseFile, '--passphrase-file');
	if (identityFile === undefined) return {passphrase};
	const lines = (await readSecret(identityFile, '--identity')).split('\n');
	const identities = lines.map((line) => line.trim()).filter((line) => /^[^#]/.test(line));
	if (identities.length === 0) throw new UsageError(`${identityFile} holds no identity of age.`);
	// The identity is meant, whatever the settings of the machine say.
	return {identities, passphrase: passphraseFile === undefined ? undefined : passphrase};
}

/** Without the newline at its end. */
export async function readSecret(file: string, option: string): Promise<string> {
	let text: string;
	try {
		text = await readFile(file, 'utf8');
	} catch (error) {
		throw new UsageError(`${option}: ${messageOf(error)}`);
	}
	const secret = text.replace(/\r?\n$/, '');
	if (secret === '') throw new UsageError(`${option}: ${file} is empty`);
	return secret;
}
