import {constants} from 'node:fs';
import {access, readdir, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {weaknessOf} from '../../config/public-secrets.ts';
import {readEphemeralFault} from '../../secrets/lasting.ts';
import {masterKeyId} from '../../secrets/vault.ts';
import type {HealthCheck, Seen} from '../check.ts';
import {enumerated} from '../words.ts';

/** Passwords of examples and images, which are tried first. */
const samplePasswords =
	/^(latchkey|postgres|postgresql|redis|valkey|password|passw0rd|changeme|change-me|change_me|changepassword|secret|supersecret|admin|root|test|example|default|123456|12345678|letmein|qwerty|foobared)\d{0,4}!?$/i;

/** A random secret of 128 bits in base64url has as many characters. */
const leastSecretLength = 22;

function sampleFault(value: string): string | undefined {
	if (samplePasswords.test(value)) return 'is a password of examples';
	if (value.length < leastSecretLength) return undefined;
	// Those that are as long as a random one: whether they read like a placeholder is told of any length.
	const weakness = weaknessOf(Buffer.from(value.padEnd(32, value)));
	return weakness?.startsWith('this secret') ? weakness.replace(/^this secret /, '') : undefined;
}

export const configurationChecks: readonly HealthCheck[] = [
	{
		id: 'configuration.settings',
		title: 'Every setting has a name that exists and a value that is taken',
		follows: 'Programs that are started with it refuse to start (status 78).',
		remedy: 'Correct the variable, then start the programs again: docs/configuration.md.',
		look: ({configurationFaults}) =>
			configurationFaults.map((fault): Seen => ({level: 'failure', what: `${fault}.`})),
	},
	{
		id: 'configuration.samples',
		title: 'No secret is one of those that stand in examples',
		follows: 'Anyone who tries the well-known ones gets in.',
		remedy:
			'Make a random one, such as `openssl rand -base64 32`, and give it in place of this one.',
		look({settings}) {
			const seen: Seen[] = [];
			for (const [variable, value] of settings.chosenSecrets) {
				const fault = sampleFault(value);
				if (fault !== undefined) seen.push({level: 'failure', what: `${variable}: ${fault}.`});
			}
			for (const key of settings.masterKeys) {
				const fault = weaknessOf(key);
				if (fault === undefined) continue;
				seen.push({
					level: 'failure',
					what: `LATCHKEY_ENCRYPTION_KEY: ${fault}.`,
					follows:
						'Anyone who has the database, or a backup of it, can decrypt what is sealed in there.',
					remedy: '`latchkey secrets rotate --master-key` makes a new one: docs/secrets.md.',
				});
			}
			return seen;
		},
	},
];

export const secretsChecks: readonly HealthCheck[] = [
	{
		id: 'secrets.files',
		title: 'Secret files can be read only by those who need them',
		follows: 'Other users of the machine can read what opens the database, or put in their own.',
		remedy: 'Take the rights away: `chmod 700` for the folder, `chmod 400` for its files.',
		async look({settings}) {
			const seen = await Promise.all(settings.secretsDirectories.map(lookAtFolder));
			return seen.flat();
		},
	},
	{
		id: 'secrets.lasting',
		title: 'The folder of the secrets lasts longer than the container',
		follows:
			'The master key disappears with the container, and what is sealed in the database can no longer be decrypted.',
		remedy: 'Mount a named volume there, as docker-compose.yml does.',
		look({settings}) {
			const [directory] = settings.secretsDirectories;
			const fault = directory && readEphemeralFault(directory);
			if (!fault) return [];
			const level = settings.allowEphemeralSecrets ? 'warning' : 'failure';
			return [{level, what: `${directory} would vanish with this container: ${fault}.`}];
		},
	},
	{
		id: 'secrets.fingerprint',
		title: 'The master key is the one that the database was set up with',
		needs: ['schema'],
		onlyAtMachine: true,
		follows: 'Programs refuse to start: nothing that is sealed in the database can be decrypted.',
		remedy:
			'Put the old secrets back, or restore them from a backup that belongs to this database.',
		async look({settings, facts}) {
			const {masterKeys: noted} = await facts.appliance();
			const own = settings.masterKeys.map(masterKeyId);
			if (own.length === 0) {
				return [
					{
						level: 'unknown',
						what: 'No master key can be read here.',
						follows: 'It is not known whether it fits.',
					},
				];
			}
			const missing = noted.filter(({id}) => !own.some((each) => each.equals(id)));
			if (missing.length === 0) return [];
			const what =
				missing.length === noted.length
					? 'The master key is not one that this database knows.'
					: 'A master key that this database needs is not in hand: a rotation has not ended.';
			return [{level: 'failure', what}];
		},
	},
	{
		id: 'secrets.age',
		title: 'Master key and signing keys are replaced from time to time',
		needs: ['schema'],
		follows: 'The longer a key is in use, the more lies open if it ever becomes known.',
		remedy: '`latchkey secrets rotate` makes new ones while everything runs: docs/secrets.md.',
		async look({facts, settings, thresholds}) {
			const {masterKeys, signingKeys} = await facts.appliance();
			const seen: Seen[] = [];
			const [newest] = masterKeys;
			if (masterKeys.length > 1) {
				seen.push({
					level: 'warning',
					what: `${masterKeys.length} master keys are in use: a rotation has not ended.`,
					follows: 'The old one can still decrypt what is sealed in the database.',
					remedy:
						'`latchkey secrets rotate --master-key` goes on with it, then `--drop-old-master-keys`.',
				});
			}
			if (newest !== undefined && newest.ageDays > thresholds.masterKeyDays) {
				seen.push({
					level: 'warning',
					what: `The master key is ${Math.floor(newest.ageDays)} days old.`,
				});
			}
			const most = (settings.signingKeyDays ?? 90) * 2;
			for (const {purpose, ageDays} of most === 0 ? [] : signingKeys) {
				if (ageDays <= most) continue;
				seen.push({
					level: 'warning',
					what: `The signing key for ${purpose} is ${Math.floor(ageDays)} days old; the worker should have replaced it.`,
					remedy:
						'See the log of the worker for keep-signing-keys; `latchkey secrets rotate --signing-keys` does it now.',
				});
			}
			return seen;
		},
	},
];

/** A group may read: that is how containers are given secrets. Nobody else may, nor write. */
const forbidden = 0o027;
const sticky = 0o1000;

async function lookAtFolder(directory: string): Promise<Seen[]> {
	const folder = await stat(directory).catch((error: NodeJS.ErrnoException) => error.code);
	if (typeof folder !== 'object') {
		if (folder === 'ENOENT') return [];
		return [notReadable(directory, folder)];
	}
	const seen: Seen[] = [];
	const tell = (path: string, mode: number, level: Seen['level']) =>
		seen.push({
			level,
			what: `${path} is open to others (mode ${(mode & 0o777).toString(8).padStart(4, '0')}).`,
		});
	// Who may not go in reads nothing of what is in there.
	const isClosed = (folder.mode & 0o077) === 0;
	// Kubernetes mounts them so, to be read only.
	if ((folder.mode & (0o002 | sticky)) === 0o002) tell(directory, folder.mode, 'failure');
	const names = await readdir(directory).catch(() => undefined);
	if (names === undefined) return [...seen, notReadable(directory, 'EACCES')];
	const hidden: string[] = [];
	for (const name of names.filter((each) => !each.startsWith('.'))) {
		const path = join(directory, name);
		const file = await stat(path).catch(() => undefined);
		if (file === undefined || !file.isFile()) continue;
		if (!isClosed && (file.mode & forbidden) !== 0) tell(path, file.mode, 'failure');
		if (
			!(await access(path, constants.R_OK).then(
				() => true,
				() => false,
			))
		)
			hidden.push(name);
	}
	if (hidden.length > 0) {
		seen.push({
			level: 'warning',
			what: `${directory}: not readable for uid ${process.getuid?.()}: ${enumerated(hidden)}.`,
			follows: 'Programs that run as this user cannot start.',
			remedy: 'Give the files to the user that the programs run as (chown).',
		});
	}
	return seen;
}

function notReadable(directory: string, code: string | undefined): Seen {
	return {
		level: 'unknown',
		what: `${directory} cannot be read (${code}).`,
		follows: 'It is not known who may read the secrets in there.',
		remedy: 'Run this as the user that the programs run as.',
	};
}
