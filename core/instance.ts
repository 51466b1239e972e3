import {createHmac, createPublicKey, type KeyObject} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {resolve} from 'node:path';
import type {Knex} from 'knex';
import {deriveKey} from './secrets.ts';

/** The secrets in hand are not the ones this database was set up with, or would not last. */
export class SecretsError extends Error {}

/** Public fingerprint of a secret: tells whether it changed, and nothing else. */
function fingerprint(key: Buffer, value: string | Buffer): string {
	return createHmac('sha256', key).update(value).digest('base64url').slice(0, 22);
}

/**
 * Remembers, at the first start, which secrets belong to this database, and refuses others later:
 * a server with a new key would end every session and could not read what the old one protects.
 * Nothing is remembered unless all of them fit; an empty database takes any.
 *
 * @throws {SecretsError} naming the secret that changed and the ways out
 */
export async function checkFingerprints(
	db: Knex,
	secrets: {encryptionKey: Buffer; jwtSigningKey?: KeyObject},
	options: {record: boolean},
): Promise<void> {
	const found: Record<string, string> = {
		encryption_key: fingerprint(deriveKey(secrets.encryptionKey, 'fingerprint'), 'encryption_key'),
	};
	if (secrets.jwtSigningKey !== undefined) {
		const publicKey = createPublicKey(secrets.jwtSigningKey).export({type: 'spki', format: 'der'});
		found['jwt_signing_key'] = fingerprint(Buffer.alloc(32), publicKey);
	}
	const exists = await db.raw<{rows: {there: boolean}[]}>(
		"select to_regclass('instance_settings') is not null as there",
	);
	if (!exists.rows[0]?.there) return;
	await compareFingerprints(db, found);
	if (!options.record) return;
	const rows = Object.entries(found).map(([name, value]) => ({name: `fingerprint.${name}`, value}));
	await db('instance_settings').insert(rows).onConflict('name').ignore();
	// Another first start may have been quicker, with secrets of its own.
	await compareFingerprints(db, found);
}

async function compareFingerprints(db: Knex, found: Record<string, string>): Promise<void> {
	const rows = await db('instance_settings').where('name', 'like', 'fingerprint.%');
	for (const [name, value] of Object.entries(found)) {
		const row = rows.find((candidate) => candidate.name === `fingerprint.${name}`);
		if (row !== undefined && row.value !== value) {
			throw new SecretsError(
				`${name} is not the one this database was set up with. Put the old secrets volume back, or restore it from a backup. Nothing was changed.`,
			);
		}
	}
}

/**
 * Whether the folder of the secrets would vanish with its container. Outside a container every
 * folder lasts.
 *
 * @param mountinfo content of /proc/self/mountinfo
 * @returns what is wrong with it, or undefined
 */
export function ephemeralFault(directory: string, mountinfo: string): string | undefined {
	const mounts = mountinfo
		.split('\n')
		.map((line) => line.split(' '))
		.filter((fields) => fields.length > 6)
		.map((fields) => ({
			root: fields[3] ?? '',
			point: (fields[4] ?? '').replaceAll('\\040', ' '),
			isReadOnly: (fields[5] ?? '').split(',').includes('ro'),
			type: fields[fields.indexOf('-') + 1] ?? '',
		}));
	const inContainer = mounts.some(
		({point, type}) => point === '/' && /^(fuse\.fuse-)?overlay(fs)?$/.test(type),
	);
	if (!inContainer) return undefined;
	const path = resolve(directory);
	const holder = mounts
		.filter(({point}) => path === point || path.startsWith(point === '/' ? '/' : `${point}/`))
		.sort((a, b) => b.point.length - a.point.length)[0];
	if (holder === undefined || holder.point === '/') return 'it is not on a volume';
	// Secrets that an orchestrator keeps and hands in are on a tmpfs too, but cannot be written.
	if (holder.type === 'tmpfs' && !holder.isReadOnly) return 'it is on a tmpfs';
	if (/\/volumes\/[0-9a-f]{64}\//.test(`${holder.root}/`)) return 'it is on an anonymous volume';
	return undefined;
}

/** @throws {SecretsError} when the folder would vanish and nobody said that this is meant */
export function requireLastingSecrets(config: {
	secretsDirectory: string;
	allowEphemeralSecrets: boolean;
}): void {
	if (config.allowEphemeralSecrets) return;
	const fault = ephemeralFault(config.secretsDirectory, readMountinfo());
	if (fault === undefined) return;
	throw new SecretsError(
		`${config.secretsDirectory} would vanish with this container: ${fault}. Mount a named volume there (docker-compose.yml has one), or set LATCHKEY_ALLOW_EPHEMERAL_SECRETS=1 to go on for a trial.`,
	);
}

function readMountinfo(): string {
	try {
		return readFileSync('/proc/self/mountinfo', 'utf8');
	} catch {
		return '';
	}
}
