import path from 'node:path';
import type {Environment} from './environment.ts';
import {isThemeName, type ThemeName} from '../theme-name.ts';
import {readProfiles, withProfile, writeProfiles} from './profiles.ts';
import type {Settings} from './settings.ts';

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

/** What commands at this server act in from now on; undefined: the first one of whoever is logged in. */
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

/** What the console looks like from now on, whatever the server. @throws {Failure} usage */
export function rememberTheme(theme: ThemeName, environment: Environment): void {
	writeProfiles({...readProfiles(environment), theme}, environment);
}

/** What was chosen last; a theme that is not there any more is none. */
export function keptTheme(environment: Environment): ThemeName | undefined {
	const {theme} = readProfiles(environment);
	return theme !== undefined && isThemeName(theme) ? theme : undefined;
}
