import {readFileSync} from 'node:fs';
import {resolve} from 'node:path';
import {SecretsError} from './errors.ts';

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
	const fault = readEphemeralFault(config.secretsDirectory);
	if (fault === undefined) return;
	throw new SecretsError(
		`${config.secretsDirectory} would vanish with this container: ${fault}. Mount a named volume there (docker-compose.yml has one), or set LATCHKEY_ALLOW_EPHEMERAL_SECRETS=1 to go on for a trial.`,
	);
}

/** The same of this process. */
export function readEphemeralFault(directory: string): string | undefined {
	return ephemeralFault(directory, readMountinfo());
}

function readMountinfo(): string {
	try {
		return readFileSync('/proc/self/mountinfo', 'utf8');
	} catch {
		return '';
	}
}
