import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import {Failure} from './failure.ts';
import {readPrivate, sessionFile, inFile, writable, writePrivately} from './session/file.ts';
import {type Keeping, type Machine, inMemory} from './session/session.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the command line says about where to talk to. */
export type Target = {url?: string | undefined; insecure?: boolean | undefined};

export type Settings = {
	url: URL;
	caFile: string | undefined;
	keeping: Keeping;
	/** The service account that commands act as. */
	machine: Machine | undefined;
	/** The variable that brings a credential: that one cannot be logged in or out. */
	given: 'LATCHKEY_TOKEN' | 'LATCHKEY_CLIENT_ID' | undefined;
};

/**
 * Where to talk to, and with what: flags, then environment, then the profile of the last log-in,
 * then this machine.
 *
 * @throws {Failure} usage, when one of them is wrong, or the address would send secrets in clear.
 */
export function resolveSettings(
	target: Target,
	environment: Environment,
	persistence: 'required' | 'if possible',
): Settings {
	const url = resolveUrl(target, environment);
	const caFile = filled(environment['LATCHKEY_CA_FILE']);
	const token = secretIn('LATCHKEY_TOKEN', environment);
	const machine = givenMachine(environment);
	if (token !== undefined && machine !== undefined) {
		throw new Failure('usage', 'Both LATCHKEY_TOKEN and LATCHKEY_CLIENT_ID are set: unset one');
	}
	if (token !== undefined) {
		const keeping = inMemory({accessToken: token});
		return {url, caFile, machine, given: 'LATCHKEY_TOKEN', keeping};
	}
	if (machine !== undefined) {
		return {url, caFile, machine, given: 'LATCHKEY_CLIENT_ID', keeping: inMemory()};
	}
	const keeping = keepingFor(url, environment, persistence);
	return {url, caFile, machine, given: undefined, keeping};
}

function keepingFor(
	url: URL,
	environment: Environment,
	persistence: 'required' | 'if possible',
): Keeping {
	const folder = stateFolder(environment);
	const file = sessionFile(folder, url);
	if (persistence === 'required' || writable(folder)) return inFile(file, url);
	return inMemory();
}

function resolveUrl({url: flag, insecure}: Target, environment: Environment): URL {
	const text =
		filled(flag) ??
		filled(environment['LATCHKEY_URL']) ??
		profileUrl(environment) ??
		`http://127.0.0.1:${filled(environment['LATCHKEY_PORT']) ?? '8080'}`;
	if (!URL.canParse(text)) throw new Failure('usage', `Not a URL: ${text}`);
	const url = new URL(text);
	if (url.protocol !== 'http:' && url.protocol !== 'https:') {
		throw new Failure('usage', `The server address must start with http:// or https://: ${text}`);
	}
	if (url.username !== '' || url.password !== '') {
		throw new Failure('usage', 'The server address must not hold a user name or password');
	}
	if (url.protocol === 'http:' && insecure !== true && !isPrivate(url.hostname)) {
		throw new Failure(
			'usage',
			`${url.host} is not on a private network: http would send secrets in clear`,
			{
				hint: 'Use https, or --insecure if you know the way there is safe.',
			},
		);
	}
	return url;
}

/** Hosts that plain http may be spoken to: this machine, private networks, names without a dot. */
export function isPrivate(hostname: string): boolean {
	const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
	const version = net.isIP(host);
	if (version !== 0) return privateAddresses.check(host, version === 4 ? 'ipv4' : 'ipv6');
	return !host.includes('.') || /\.(?:localhost|local|internal|home\.arpa)$/.test(host);
}

const privateAddresses = new net.BlockList();
privateAddresses.addSubnet('127.0.0.0', 8, 'ipv4');
privateAddresses.addSubnet('10.0.0.0', 8, 'ipv4');
privateAddresses.addSubnet('172.16.0.0', 12, 'ipv4');
privateAddresses.addSubnet('192.168.0.0', 16, 'ipv4');
privateAddresses.addSubnet('169.254.0.0', 16, 'ipv4');
privateAddresses.addSubnet('::1', 128, 'ipv6');
privateAddresses.addSubnet('fc00::', 7, 'ipv6');
privateAddresses.addSubnet('fe80::', 10, 'ipv6');

/** A service account that the environment gives. @throws {Failure} usage, when half of it is there */
function givenMachine(environment: Environment): Machine | undefined {
	const clientId = filled(environment['LATCHKEY_CLIENT_ID']?.trim());
	const secret = secretIn('LATCHKEY_CLIENT_SECRET', environment);
	if (clientId === undefined && secret === undefined) return undefined;
	if (clientId !== undefined && secret !== undefined) return {clientId, secret};
	throw new Failure(
		'usage',
		'A service account is LATCHKEY_CLIENT_ID with LATCHKEY_CLIENT_SECRET_FILE',
	);
}

/** A secret that a variable holds, or the file that `<variable>_FILE` names. @throws {Failure} usage */
function secretIn(variable: string, environment: Environment): string | undefined {
	const file = filled(environment[`${variable}_FILE`]);
	if (file === undefined) return filled(environment[variable]?.trim());
	try {
		return filled(fs.readFileSync(file, 'utf8').trim());
	} catch {
		throw new Failure('usage', `${variable}_FILE: cannot read ${file}`);
	}
}

/** Where sessions are kept (XDG Base Directory Specification). */
function stateFolder(environment: Environment): string {
	const base =
		filled(environment['XDG_STATE_HOME']) ?? path.join(home(environment), '.local/state');
	return path.join(base, 'latchkey');
}

function profileFile(environment: Environment): string {
	const base = filled(environment['XDG_CONFIG_HOME']) ?? path.join(home(environment), '.config');
	return path.join(base, 'latchkey', 'profile.json');
}

function home(environment: Environment): string {
	const given = filled(environment['HOME']);
	if (given !== undefined) return given;
	try {
		return os.homedir();
	} catch {
		// A user id without an account, as containers have: nothing can be kept there.
		return '/nonexistent';
	}
}

function profileUrl(environment: Environment): string | undefined {
	try {
		const profile: unknown = JSON.parse(readPrivate(profileFile(environment)) ?? '{}');
		const {url} = profile as {url?: unknown};
		return typeof url === 'string' ? filled(url) : undefined;
	} catch (error) {
		if (error instanceof Failure) throw error;
		return undefined;
	}
}

/** Makes `url` the server that commands talk to when nothing else says so. @throws {Failure} usage */
export function rememberUrl(url: URL, environment: Environment): void {
	writePrivately(profileFile(environment), JSON.stringify({url: url.href}));
}

/**
 * The setup token of a server that runs beside the console, where its secrets can be read;
 * undefined where they cannot, so that a person is asked for it.
 */
export function findSetupToken(environment: Environment): string | undefined {
	const given = filled(environment['LATCHKEY_SETUP_TOKEN']?.trim());
	if (given !== undefined) return given;
	const data = filled(environment['LATCHKEY_DATA_DIR']) ?? '.latchkey';
	const secrets = filled(environment['LATCHKEY_SECRETS_DIR']) ?? path.join(data, 'secrets');
	const files = [environment['LATCHKEY_SETUP_TOKEN_FILE'], path.join(secrets, 'setup_token')];
	for (const file of files) {
		try {
			if (filled(file) !== undefined) return filled(fs.readFileSync(String(file), 'utf8').trim());
		} catch {
			// Not there, or not for us to read: the next place, and at last the person.
		}
	}
	return undefined;
}

/** LATCHKEY_READONLY: nothing is changed, whatever the role of who is logged in. */
export function isReadOnly(environment: Environment): boolean {
	return ['1', 'true', 'yes'].includes((environment['LATCHKEY_READONLY'] ?? '').toLowerCase());
}

/** An empty variable is one that is not set. */
function filled(value: string | undefined): string | undefined {
	return value === '' ? undefined : value;
}
