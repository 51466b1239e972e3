import {Failure} from '../failure.ts';
import {type CredentialStore, inMemory, type Machine} from '../session/session.ts';
import {checkUrl} from './address.ts';
import {credentialStore} from './credential-store.ts';
import {type Environment, filled, secretIn} from './environment.ts';
import {
	checkProfileName,
	type Profile,
	profileAt,
	profileNamed,
	type Profiles,
	readProfiles,
	unnamed,
} from './profiles.ts';

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
	/** Id of the organisation that `latchkey use` chose, for whoever acts by a session kept here. */
	organisation: string | undefined;
	/** Where the session is kept. */
	credentials: CredentialStore;
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
		const credentials = inMemory({accessToken: token});
		return {...stranger, given: 'LATCHKEY_TOKEN', credentials};
	}
	if (machine !== undefined) {
		return {...stranger, given: 'LATCHKEY_CLIENT_ID', credentials: inMemory()};
	}
	const credentials = credentialStore(place.url, environment, persistence);
	return {...place, machine, given: undefined, credentials};
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

/** A service account that the environment gives. @throws {Failure} usage, when half of it is there */
function givenMachine(environment: Environment): Machine | undefined {
	const clientId = filled(environment['LATCHKEY_CLIENT_ID']?.trim());
	const secret = secretIn('LATCHKEY_CLIENT_SECRET', environment);
	if (clientId === undefined && secret === undefined) return undefined;
	if (clientId !== undefined && secret !== undefined) return {clientId, secret};
	throw new Failure(
		'usage',
		clientId === undefined
			? 'LATCHKEY_CLIENT_SECRET_FILE is set but LATCHKEY_CLIENT_ID is not'
			: 'LATCHKEY_CLIENT_ID is set but LATCHKEY_CLIENT_SECRET_FILE is not',
	);
}
