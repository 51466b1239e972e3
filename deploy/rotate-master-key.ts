import {stat} from 'node:fs/promises';
import {setTimeout as sleep} from 'node:timers/promises';
import type {Knex} from 'knex';
import {bySystem} from '../core/actor.ts';
import {SecretsError} from '../core/secrets/errors.ts';
import {
	isOnlyKey,
	lockKeys,
	noteMasterKey,
	type ReadMasterKeys,
} from '../core/secrets/master-keys.ts';
import {forgetOldMasterKeys, resealAll} from '../core/secrets/reseal.ts';
import {createVault} from '../core/secrets/vault.ts';
import {refreshMs} from '../core/signing/keys.ts';
import {randomSecret, replaceFile} from './secrets.ts';

export type MasterKeys = {
	db: Knex;
	read: ReadMasterKeys;
	/** Where they are kept; undefined when the operator provides them in another way. */
	file: string | undefined;
	say: (text: string) => void;
};

/** By then every program has read the signing keys again, and with them the master keys. */
const noticedWithinMs = refreshMs + 2000;
/** A program that does not notice would seal with the old key for ever. */
const mostPasses = 5;

/**
 * Makes a new master key and encrypts everything anew with it, while servers and worker run. If
 * an earlier one was interrupted, at whatever moment, it is completed instead; so is one whose new
 * key the operator has put in front of the old one.
 *
 * @throws {SecretsError}
 */
export async function rotateMasterKey(keys: MasterKeys): Promise<void> {
	const {db, say} = keys;
	const masterKeys = await begin(keys);
	const vault = createVault(masterKeys);
	let resealed = 0;
	for (let pass = 1; pass <= mostPasses; pass++) {
		const counts = await resealAll(db, vault);
		const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
		resealed += total;
		for (const [name, count] of Object.entries(counts)) {
			if (count > 0) say(`${name}: ${count} encrypted anew`);
		}
		if (total > 0) {
			say(`waiting ${noticedWithinMs / 1000} s until every program has noticed`);
			await sleep(noticedWithinMs);
		} else if (await forgetOldMasterKeys(db, vault, bySystem('latchkey secrets'), resealed)) {
			say(`master key ${vault.currentId().toString('hex')} is the only one that is needed now`);
			say('backups made before need the old one as well: keep it as long as those');
			return;
		}
	}
	throw new SecretsError(
		'A program still encrypts with the old master key. Start every server and worker again, so that all of them read the new one, then run this again.',
	);
}

/**
 * Takes master keys that are not needed any more out of their file.
 *
 * @throws {SecretsError}
 */
export async function dropOldMasterKeys({db, read, file, say}: MasterKeys): Promise<void> {
	if (file === undefined) throw new SecretsError(givenOtherwise('remove every line but the first'));
	await db.transaction(async (transaction) => {
		await lockKeys(transaction);
		if (!(await isOnlyKey(transaction, read))) {
			throw new SecretsError(
				'Something is still encrypted with an older master key. Run latchkey secrets rotate --master-key first. Nothing was changed.',
			);
		}
		const masterKeys = read();
		await write(file, masterKeys.slice(0, 1));
		say(`${file}: ${masterKeys.length - 1} removed, the current master key is left`);
	});
}

/** @returns the master keys, with a current one that may seal but does not yet seal everything */
async function begin({db, read, file, say}: MasterKeys): Promise<readonly Buffer[]> {
	return db.transaction(async (transaction) => {
		await lockKeys(transaction);
		if (!(await isOnlyKey(transaction, read))) {
			say('ending the rotation that was begun');
			return noteMasterKey(transaction, read);
		}
		if (file === undefined) {
			throw new SecretsError(
				givenOtherwise('put a new key on a line before the others, start every program again'),
			);
		}
		await write(file, [Buffer.from(randomSecret(32), 'base64url'), ...read()]);
		say(`a new master key is in ${file}`);
		return noteMasterKey(transaction, read);
	});
}

function givenOtherwise(what: string): string {
	return `LATCHKEY_ENCRYPTION_KEY is given by a variable, not kept in LATCHKEY_SECRETS_DIR: ${what}, then run this again (docs/secrets.md). Nothing was changed.`;
}

async function write(file: string, masterKeys: readonly Buffer[]): Promise<void> {
	const lines = masterKeys.map((key) => `${key.toString('base64url')}\n`);
	try {
		// Where it is read by a group, it is so afterwards.
		const {mode} = await stat(file);
		await replaceFile(file, lines.join(''), mode & 0o440);
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
		throw new SecretsError(
			`${file} cannot be replaced (${code}): its folder must be writable here. With Docker: docker compose run --rm operate secrets rotate --master-key. Nothing was changed.`,
		);
	}
}
