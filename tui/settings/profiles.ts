import path from 'node:path';
import * as z from 'zod';
import {Failure} from '../failure.ts';
import {type Environment, filled, home} from './environment.ts';
import {readPrivate, writePrivately} from '../session/private-file.ts';

const profile = z.object({
	url: z.string(),
	/** PEM file of its certificate authority. */
	ca_file: z.string().optional(),
	/** Id of the organisation that commands act in there. */
	organization: z.string().optional(),
});

const stored = z.object({
	current: z.string().optional(),
	profiles: z.record(z.string(), profile),
	/** What the console looks like. */
	theme: z.string().optional(),
});

/** As the first version wrote it, which knew one appliance. */
const single = z.object({url: z.string()}).transform(({url}) => ({
	current: unnamed,
	profiles: {[unnamed]: {url}},
}));

export type Profile = z.infer<typeof profile>;

/** Appliances that somebody works with, by the names they gave them. No secret is in here. */
export type Profiles = {
	current?: string | undefined;
	profiles: Readonly<Record<string, Profile>>;
	theme?: string | undefined;
};

/** The profile of a log-in that named none. */
export const unnamed = 'default';

/** @throws {Failure} usage, when others can read the file or it holds something else. */
export function readProfiles(environment: Environment): Profiles {
	const file = profileFile(environment);
	const text = readPrivate(file);
	if (text === undefined) return {profiles: {}};
	const parsed = z.union([stored, single]).safeParse(parse(text));
	if (parsed.success) return parsed.data;
	throw new Failure('usage', `${file} does not hold profiles`, {
		hint: 'Remove it and log in again.',
	});
}

/** @throws {Failure} usage, when it cannot be written. */
export function writeProfiles(profiles: Profiles, environment: Environment): void {
	writePrivately(profileFile(environment), `${JSON.stringify(profiles, undefined, '\t')}\n`);
}

/** @throws {Failure} usage, when there is no such profile. */
export function profileNamed({profiles}: Profiles, name: string): Profile {
	const found = find(profiles, name);
	if (found !== undefined) return found;
	throw new Failure('usage', `There is no profile ${JSON.stringify(name)}`, {
		hint: `See \`latchkey profiles list\`, or make it: latchkey login --profile NAME --url URL`,
	});
}

/** The profile of a server, by its address: the current one if it is that. */
export function profileAt({current, profiles}: Profiles, url: URL): string | undefined {
	const names = Object.keys(profiles).filter((name) => find(profiles, name)?.url === url.href);
	return names.find((name) => name === current) ?? names[0];
}

/** Changes one profile, which is made if it is not there; undefined removes it. */
export function withProfile(all: Profiles, name: string, changed: Profile | undefined): Profiles {
	const {[name]: _, ...others} = all.profiles;
	return {...all, profiles: changed === undefined ? others : {...others, [name]: changed}};
}

/** @throws {Failure} usage */
export function checkProfileName(name: string): void {
	if (/^[a-z\d][\w.-]{0,63}$/i.test(name)) return;
	throw new Failure(
		'usage',
		'A profile is named with letters, digits, dots, dashes and underscores',
	);
}

function find(profiles: Profiles['profiles'], name: string): Profile | undefined {
	return Object.hasOwn(profiles, name) ? profiles[name] : undefined;
}

function profileFile(environment: Environment): string {
	const base = filled(environment['XDG_CONFIG_HOME']) ?? path.join(home(environment), '.config');
	return path.join(base, 'latchkey', 'profile.json');
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
