import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import {Failure} from './failure.ts';
import {type Environment, filled, home} from './session/environment.ts';
import {sessionFile, inFile, writable} from './session/file.ts';
import {
	checkProfileName,
	type Profile,
	profileAt,
	profileNamed,
	type Profiles,
	readProfiles,
	unnamed,
	withProfile,
	writeProfiles,
} from './session/profiles.ts';
import {type Keeping, type Machine, inMemory} from './session/session.ts';

export type {Environment} from './session/environment.ts';

/** What the command line says about where to talk to. */
export type Target = {
	url?: string | undefined;
	insecure?: boolean | undefined;
	profile?: string | undefined;
	caFile?: string | undefined;
	/** A log-in makes the profile it names, with the address it gives. */
	logsIn?: boolean | undefined;
};

export type Settings = {
	url: URL;
	caFile: string | undefined;
	/** The profile that a log-in writes. */
	profile: string;
	/** Id of the organisation that `latchkey use` chose, for who acts by a session kept here. */
	organisation: string | undefined;
	keeping: Keeping;
	/** The service account that commands act as. */
	machine: Machine | undefined;
	/** The variable that brings a credential: that one cannot be logged in or out. */
	given: 'LATCHKEY_TOKEN' | 'LATCHKEY_CLIENT_ID' | undefined;
};

/**
 * Where to talk to, and with what: flags, then environment, then the current profile, then this
 * machine. A profile that is named counts before LATCHKEY_URL, which a container always has.
 *
 * @throws {Failure} usage, when one of them is wrong, or the address would send secrets in clear.
 */
export function resolveSettings(
	target: Target,
	environment: Environment,
	persistence: 'required' | 'if possible',
): Settings {
	const place = resolvePlace(target, environment);
	const token = secretIn('LATCHKEY_TOKEN', environment);
	const machine = givenMachine(environment);
	if (token !== undefined && machine !== undefined) {
		throw new Failure('usage', 'Both LATCHKEY_TOKEN and LATCHKEY_CLIENT_ID are set: unset one');
	}
	const stranger = {...place, machine, organisation: undefined};
	if (token !== undefined) {
		const keeping = inMemory({accessToken: token});
		return {...stranger, given: 'LATCHKEY_TOKEN', keeping};
	}
	if (machine !== undefined) {
		return {...stranger, given: 'LATCHKEY_CLIENT_ID', keeping: inMemory()};
	}
	const keeping = keepingFor(place.url, environment, persistence);
	return {...place, machine, given: undefined, keeping};
}

type Place = Pick<Settings, 'url' | 'caFile' | 'profile' | 'organisation'>;

function resolvePlace(target: Target, environment: Environment): Place {
	const profiles = readProfiles(environment);
	const named = filled(target.profile) ?? filled(environment['LATCHKEY_PROFILE']);
	const chosen = named === undefined ? undefined : chosenProfile(named, target, profiles);
	const url = checkUrl(
		filled(target.url) ??
			chosen?.url ??
			filled(environment['LATCHKEY_URL']) ??
			currentUrl(profiles) ??
			`http://127.0.0.1:${filled(environment['LATCHKEY_PORT']) ?? '8080'}`,
		target.insecure === true,
	);
	const name = named ?? profileAt(profiles, url);
	const profile = chosen ?? (name === undefined ? undefined : profiles.profiles[name]);
	const same = profile?.url === url.href ? profile : undefined;
	const caFile = filled(target.caFile) ?? same?.ca_file ?? filled(environment['LATCHKEY_CA_FILE']);
	return {url, caFile, profile: name ?? unnamed, organisation: same?.organization};
}

/** @throws {Failure} usage, when it is not there and the command line does not make it. */
function chosenProfile(name: string, target: Target, profiles: Profiles): Profile | undefined {
	checkProfileName(name);
	if (filled(target.url) === undefined) return profileNamed(profiles, name);
	if (target.logsIn === true) return undefined;
	throw new Failure('usage', `Profile ${name} and --url both name a server: give one of them`);
}

function currentUrl({current, profiles}: Profiles): string | undefined {
	return current === undefined ? undefined : profiles[current]?.url;
}

/** Makes the server of a log-in the one that commands talk to. @throws {Failure} usage */
export function rememberLogIn(
	{url, profile: name}: Settings,
	caFile: string | undefined,
	environment: Environment,
): void {
	const profiles = readProfiles(environment);
	const before = profiles.profiles[name];
	const kept = before?.url === url.href ? before : undefined;
	const changed = {
		...kept,
		url: url.href,
		...(caFile === undefined ? {} : {ca_file: path.resolve(caFile)}),
	};
	writeProfiles({...withProfile(profiles, name, changed), current: name}, environment);
}

/** What commands at this server act in from now on; undefined: the first one of who is logged in. */
export function rememberOrganisation(
	{url, profile: name}: Settings,
	organisation: string | undefined,
	environment: Environment,
): void {
	const profiles = readProfiles(environment);
	const {organization: _, ...before} = profiles.profiles[name] ?? {};
	const changed = {
		...before,
		url: url.href,
		...(organisation === undefined ? {} : {organization: organisation}),
	};
	writeProfiles(withProfile(profiles, name, changed), environment);
}

function keepingFor(
	url: URL,
	environment: Environment,
	persistence: 'required' | 'if possible',
): Keeping {
	const file = sessionFileAt(url, environment);
	if (persistence === 'required' || writable(path.dirname(file))) return inFile(file, url);
	return inMemory();
}

export function sessionFileAt(url: URL, environment: Environment): string {
	return sessionFile(stateFolder(environment), url);
}

function checkUrl(text: string, insecure: boolean): URL {
	if (!URL.canParse(text)) throw new Failure('usage', `Not a URL: ${text}`);
	const url = new URL(text);
	if (url.protocol !== 'http:' && url.protocol !== 'https:') {
		throw new Failure('usage', `The server address must start with http:// or https://: ${text}`);
	}
	if (url.username !== '' || url.password !== '') {
		throw new Failure('usage', 'The server address must not hold a user name or password');
	}
	if (url.protocol === 'http:' && !insecure && !isPrivate(url.hostname)) {
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
